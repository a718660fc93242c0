import { WideBox } from '../../parts/wide-box.tsx';

const MAKE = 'npm start -- keys create --name boss --kind management';
const IN_FILE = `auth:
  keys:
    - { name: ops, key: "\${OPS_KEY}", admin: true }`;

/** Without keys there is nothing to manage: what that means, and how to begin. */
export function NoKeys() {
  return (
    <>
      <h1>Keys</h1>
      <p>
        This gateway asks for no keys: it answers every program that reaches it, and spends your providers' money for
        it. That is why it listens on this machine alone. Without keys it refuses to start on an address that others can
        reach.
      </p>
      <h2>Make the first key</h2>
      <p>
        A management key, at the machine of the gateway. From then on every program needs a key: you sign in here with
        this one, and make the others on this page.
      </p>
      <WideBox label="Command that makes the first key">
        <pre>{MAKE}</pre>
      </WideBox>
      <h2>Or name them in the file</h2>
      <p>
        <code>auth.keys</code> in the configuration, with the secret in a variable; then reload. Such keys are shown
        here and changed in the file.
      </p>
      <WideBox label="Keys in the configuration file">
        <pre>{IN_FILE}</pre>
      </WideBox>
      <p>
        With keys <code>server.host</code> may name an address that others can reach.
      </p>
    </>
  );
}
