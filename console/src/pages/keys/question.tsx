import type { Answers, Asked } from './asked.ts';
import { DeleteKey, ResetSpend, RotateKey, SwitchKey } from './changes.tsx';
import { DeleteOrg } from './delete-org.tsx';
import { KeyForm } from './key-form.tsx';
import { OrgForm } from './org-form.tsx';
import { Secret } from './secret.tsx';

interface QuestionProps extends Answers {
  readonly asked: Asked;
  readonly orgs: readonly string[];
}

/** The dialog that stands open. The secret is known to it alone, and gone with it. */
export function Question({ asked, orgs, ...answers }: QuestionProps) {
  switch (asked.what) {
    case 'new':
      return <KeyForm of={null} orgs={orgs} {...answers} />;
    case 'edit':
      return <KeyForm of={asked.key} orgs={orgs} {...answers} />;
    case 'rotate':
      return <RotateKey of={asked.key} {...answers} />;
    case 'switch':
      return <SwitchKey of={asked.key} {...answers} />;
    case 'delete':
      return <DeleteKey of={asked.key} {...answers} />;
    case 'reset':
      return <ResetSpend of={asked.key} window={asked.window} {...answers} />;
    case 'secret':
      return <Secret made={asked.made} onClose={answers.onClose} />;
    case 'org':
      return <OrgForm of={asked.org} orgs={orgs} {...answers} />;
    case 'delete-org':
      return <DeleteOrg gone={asked} {...answers} />;
  }
}
