/** Pages of a panel behind one row of tabs; only the page shown is mounted. */
import type { ReactNode } from 'react';
import { Tabs as AriaTabs, Tab, TabList, TabPanel } from 'react-aria-components';
import './tabs.css';

export interface TabPage {
  id: string;
  title: string;
  content: ReactNode;
}

export interface TabsProps {
  label: string;
  pages: readonly TabPage[];
  selected?: string;
  onSelect?: (id: string) => void;
}

export function Tabs({ label, pages, selected, onSelect }: TabsProps) {
  return (
    <AriaTabs
      className="tabs"
      {...(selected === undefined ? {} : { selectedKey: selected })}
      onSelectionChange={(key) => onSelect?.(String(key))}
    >
      <TabList aria-label={label} className="tabs-list">
        {pages.map((page) => (
          <Tab key={page.id} id={page.id} className="tabs-tab">
            {page.title}
          </Tab>
        ))}
      </TabList>
      {pages.map((page) => (
        <TabPanel key={page.id} id={page.id} className="tabs-panel">
          {page.content}
        </TabPanel>
      ))}
    </AriaTabs>
  );
}
