import { Component, type ReactNode } from "react";

/** What fails behind it takes nothing else of the watch down. */
export class FaultWall extends Component<
  { readonly children: ReactNode; readonly instead: ReactNode },
  { readonly hasFailed: boolean }
> {
  override state = { hasFailed: false };

  static getDerivedStateFromError(): { readonly hasFailed: boolean } {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    return this.state.hasFailed ? this.props.instead : this.props.children;
  }
}
