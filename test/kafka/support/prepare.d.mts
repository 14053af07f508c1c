export type PreparedBroker =
  | { readonly state: 'ready'; readonly classPath: string }
  | { readonly state: 'missing' | 'broken'; readonly why: string };

export function prepareBroker(): Promise<PreparedBroker>;
