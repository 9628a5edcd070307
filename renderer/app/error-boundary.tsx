/** Catches what a part of the page throws while drawing, so that the rest stays usable. */
import { Component, type ErrorInfo, type ReactNode } from 'react';
import { Button } from '../components/button.tsx';
import { errorReport } from './error-report.ts';
import './error-boundary.css';

interface Props {
  children: ReactNode;
  /** What broke, for the heading: "The viewports". Absent: the whole page. */
  part?: string;
}

interface State {
  thrown: unknown;
  /** Components around the one that threw. */
  within: string;
}

export class ErrorBoundary extends Component<Props, State> {
  override state: State = { thrown: undefined, within: '' };

  static getDerivedStateFromError(thrown: unknown) {
    return { thrown };
  }

  override componentDidCatch(thrown: unknown, { componentStack }: ErrorInfo) {
    console.error(thrown);
    this.setState({ within: componentStack ?? '' });
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
          <Button onPress={() => void navigator.clipboard.writeText(errorReport(thrown, this.state.within))}>
            Copy report
          </Button>
          <Button onPress={() => location.reload()}>Reload the page</Button>
        </div>
        <p className="error-boundary-note">The report holds versions and program places, no patient data.</p>
      </div>
    );
  }
}
