/** Catches what a part of the page throws while drawing, so that the rest stays usable. */
import { Component, type ReactNode } from 'react';
import { Button } from '../components/button.tsx';
import { errorReport } from './error-report.ts';
import './error-boundary.css';

interface Props {
  children: ReactNode;
  /** What broke, for the heading: "The viewports". Absent: the whole page. */
  part?: string;
}

export class ErrorBoundary extends Component<Props, { thrown: unknown }> {
  override state: { thrown: unknown } = { thrown: undefined };

  static getDerivedStateFromError(thrown: unknown) {
    return { thrown };
  }

  override componentDidCatch(thrown: unknown) {
    console.error(thrown);
  }

  override render() {
    const { thrown } = this.state;
    if (thrown === undefined) return this.props.children;
    return (
      <div className="error-boundary" role="alert">
        <h2>{this.props.part ?? 'The page'} stopped working</h2>
        <p>Running jobs are not affected: they belong to the host.</p>
        <div className="error-boundary-actions">
          <Button variant="primary" onPress={() => this.setState({ thrown: undefined })}>
            Try again
          </Button>
          <Button onPress={() => void navigator.clipboard.writeText(errorReport(thrown))}>Copy report</Button>
          <Button onPress={() => location.reload()}>Reload the page</Button>
        </div>
        <p className="error-boundary-note">The report holds versions and program places, no patient data.</p>
      </div>
    );
  }
}
