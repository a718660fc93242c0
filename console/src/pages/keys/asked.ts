import type { BudgetWindow, MadeKey } from '../../feed/keys.ts';
import type { KeyBody, OrgBody } from '../../feed/wire.ts';

/** What a dialog of the page is about. */
export type Asked =
  | { readonly what: 'new' }
  | { readonly what: 'edit' | 'rotate' | 'switch' | 'delete'; readonly key: KeyBody }
  | { readonly what: 'reset'; readonly key: KeyBody; readonly window: BudgetWindow }
  | { readonly what: 'secret'; readonly made: MadeKey }
  | { readonly what: 'org'; readonly org: OrgBody | null }
  | ({ readonly what: 'delete-org' } & DoomedOrg);

/** An organisation that is to be deleted. */
export interface DoomedOrg {
  readonly org: OrgBody;
  /** The ids of its teams, which go with it: of those that are listed. */
  readonly teams: readonly string[];
  /** Whether these are all. */
  readonly areAll: boolean;
}

/** What a dialog tells the page. */
export interface Answers {
  readonly onClose: () => void;
  /** Something was changed. @param note says what, in a sentence */
  readonly onDone: (note: string) => void;
  /** A secret was made, which is shown next. */
  readonly onMade: (made: MadeKey) => void;
  readonly onDeleted: (note: string) => void;
  readonly onOrgDeleted: (note: string, gone: DoomedOrg) => void;
}
