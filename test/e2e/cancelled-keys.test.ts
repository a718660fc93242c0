import { expect, it } from 'vitest';
import { makeTemporaryFolder } from '../../lab/temporary-folder.ts';
import { runGateway } from '../support/gateway.ts';
import { askOf, chatWith, type ManagedAnswer, makeKeyElsewhere } from '../support/managed.ts';
import { runUpstream } from '../support/upstream.ts';

async function openSilent() {
  const url = `sqlite:${makeTemporaryFolder('cancelled')}/s.db`;
  const bossKey = await makeKeyElsewhere(url);
  const upstream = await runUpstream({ isSilent: true });
  const gateway = await runGateway(
    `providers: { up: { kind: openai-compatible, base_url: "${upstream.url}/v1" } }\nmodels: { m: { provider: up } }\n` +
      `server: { drain: 0ms }\ndatabase: { url: "${url}" }\n`,
  );
  const boss = askOf(gateway.url, bossKey);
  for (const org of [{ id: 'acme' }, { id: 'team', parent_id: 'acme' }]) await boss('POST', '/v1/orgs', org);
  let asked = 0;
  /** A new key with a call in flight. */
  const call = async (orgId: string | null): Promise<{ path: string; answer: Promise<ManagedAnswer> }> => {
    const made = await boss('POST', '/v1/keys', { name: 'made', org_id: orgId });
    const answer = chatWith(askOf(gateway.url, String(made.body['key'])), 'm');
    await upstream.request(++asked);
    return { path: `/v1/keys/${made.data['hash']}`, answer };
  };
  const inFlight = async () => {
    const { body } = await boss('GET', '/v1/requests?all=true');
    return (body['data'] as unknown[]).length;
  };
  return { boss, call, inFlight };
}

it('calls in flight run on when their key is disabled, unless that is asked for: cancel=true', async () => {
  const { boss, call, inFlight } = await openSilent();
  const [one, other] = [await call(null), await call('team')];
  await boss('PATCH', one.path, { disabled: true });
  expect((await boss('PATCH', `${one.path}?cancel=perhaps`, { disabled: true })).status).toBe(400);
  expect(await inFlight()).toBe(2);
  expect((await boss('PATCH', `${one.path}?cancel=true`, { disabled: true })).status).toBe(200);
  expect((await one.answer).code).toBe('request_cancelled');
  expect(await inFlight()).toBe(1);
  await boss('DELETE', `${other.path}?cancel=true`);
  expect((await other.answer).code).toBe('request_cancelled');
});

it('those of an organisation and its teams end with it', async () => {
  const { boss, call, inFlight } = await openSilent();
  const [stranger, own, ofTeam] = [await call(null), await call('acme'), await call('team')];
  await boss('PATCH', '/v1/orgs/team?cancel=true', { disabled: true });
  expect((await ofTeam.answer).code).toBe('request_cancelled');
  await boss('DELETE', '/v1/orgs/acme?cancel=true');
  expect((await own.answer).code).toBe('request_cancelled');
  expect(await inFlight()).toBe(1);
  await boss('DELETE', `${stranger.path}?cancel=true`);
  expect((await stranger.answer).code).toBe('request_cancelled');
});
