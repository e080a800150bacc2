/** What admin shows, as far as the command line reads it (frontend/http/admin/table.ts). */
export interface ReplicaView {
  readonly id: string;
  readonly state: string;
  readonly stateForMs: number;
  readonly pid?: number;
  readonly address?: string;
  readonly deaths: number;
  readonly retryInMs?: number;
  readonly reason?: string;
  readonly output: readonly string[];
  readonly printed?: number;
}

export interface VersionView {
  readonly spec: { readonly name: string; readonly version: number; readonly container: unknown; readonly path?: string; readonly replicas?: number };
  readonly labels: readonly string[];
  readonly status?: { readonly desired: number; readonly ready: number; readonly replicas: readonly ReplicaView[] };
}

export interface ModelView {
  readonly name: string;
  readonly versions: readonly VersionView[];
  readonly labels: Readonly<Record<string, number>>;
}

export interface AppView {
  readonly name: string;
  readonly arms: readonly string[];
  readonly policy?: string | { readonly name: string };
  readonly slo_ms: number;
  readonly on_miss?: string;
  readonly default?: unknown;
}

export interface BrokerView {
  readonly version: string;
  readonly node: string;
  readonly pid: number;
  readonly started_at: string;
  readonly config_file: string;
  /** Where it listens over HTTP. */
  readonly url?: string;
  readonly ready: boolean;
  readonly draining: boolean;
  readonly missing: readonly string[];
  readonly open_queries: number;
  readonly resident_bytes: number;
}

interface Names {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** What a change came to; `diff` has an entry for each kind of thing. */
export interface ChangeView {
  readonly revision: number;
  readonly dry_run: boolean;
  readonly diff: Readonly<Record<string, Names>>;
  /** What of it the file (`file`) or a source (its folder) says anew when it speaks again. */
  readonly held?: readonly { readonly name: string; readonly by: string }[];
}
