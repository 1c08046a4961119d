import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { LocalEnvironment } from '../../local/environment';
import { engineFolder, PROJECT, testFolder } from '../engines/folders';
import { eventually } from '../engines/running';

const CHROMIUM = '/usr/bin/chromium';

/** Where the README's pictures are made anew, when this is set. */
const PICTURES = process.env.UPDATE_PICTURES === undefined ? undefined : join(PROJECT, 'docs', 'images');

let environment: LocalEnvironment;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let state: string;

beforeAll(async () => {
  if (!existsSync(CHROMIUM)) {
    throw new Error(`no ${CHROMIUM}: install Debian's package chromium`);
  }
  state = testFolder();
  symlinkSync(engineFolder(), join(state, 'engines'));
  environment = await LocalEnvironment.start({
    assembly: join(PROJECT, 'cdk.out'),
    stateDirectory: state,
    installEngines: false,
    report: () => {},
  });
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  context = await browser.newContext({ baseURL: environment.address, viewport: { width: 1280, height: 900 } });
  page = await context.newPage();
});

afterAll(async () => {
  await browser?.close();
  await environment?.close();
  rmSync(state, { recursive: true, force: true });
});

async function picture(name: string): Promise<void> {
  if (PICTURES !== undefined) {
    mkdirSync(PICTURES, { recursive: true });
    await page.screenshot({ path: join(PICTURES, `${name}.png`) });
  }
}

/** The panel's newest row for a path, once it has one that answers the question. */
async function panelRow(path: string, text: string) {
  const row = page.locator('#panel tbody tr', { hasText: path }).filter({ hasText: text }).first();
  await row.waitFor({ timeout: 10_000 });
  return (await row.locator('td').allTextContents()).map((cell) => cell.trim());
}

test('search a film, open it twice: miss, then hit, with both times', async () => {
  await page.goto('/');
  await page.getByLabel('Search films by title').fill('ghostbusters');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: /Ghostbusters 1984/ }).click();
  await page.waitForURL('**/films/*');
  const path = new URL(page.url()).pathname;
  const miss = await panelRow(path, 'database (miss)');
  await page.reload();
  const hit = await panelRow(path, 'cache (hit)');

  const [, , cacheAtMiss, databaseAtMiss] = miss;
  const [, , cacheAtHit, databaseAtHit] = hit;
  expect(databaseAtMiss).toMatch(/^\d+(\.\d)? ms$/);
  expect(cacheAtMiss).toMatch(/ ms$/);
  expect(cacheAtHit).toMatch(/ ms$/);
  expect(databaseAtHit).toBe('–');
  await picture('film');
});

test('sign in on one instance, be greeted by another', async () => {
  let signedInOn: string | undefined;
  // A busy machine may refuse somebody once: who tries again is signed in.
  await eventually(async () => {
    await page.goto('/sign-in');
    await page.getByLabel('Your name').fill('Ada');
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.request().method() === 'POST'),
      page.getByRole('main').getByRole('button', { name: 'Sign in' }).click(),
    ]);
    expect(answer.status()).toBe(303);
    signedInOn = answer.headers()['x-instance'];
  }, 20_000);

  let visits = 0;
  await eventually(async () => {
    // A page asks for an even number of files, which would bring it to the same one of two instances each time.
    if (visits++ % 2 === 1) {
      await context.request.get('/');
    }
    expect((await page.goto('/me'))?.headers()['x-instance']).not.toBe(signedInOn);
  });
  await page.getByRole('heading', { name: 'Ada' }).waitFor();
});

test('a review shows at once in the film, the list and the leaderboard', async () => {
  await page.goto('/?q=ghostbusters');
  await page.getByRole('link', { name: /Ghostbusters 1984/ }).click();
  await page.getByLabel('Rating').selectOption('9');
  await page.getByLabel('Your review').fill('Who else are you going to call?');
  await page.getByRole('button', { name: 'Publish' }).click();

  await page.locator('.reviews', { hasText: 'Who else are you going to call?' }).waitFor();
  await page.locator('#panel .panel-ranking', { hasText: 'Ada 1' }).waitFor({ timeout: 10_000 });
  await page.locator('#last-write', { hasText: 'ms' }).waitFor();
  await picture('panel');
  await page.goto('/?q=ghostbusters');
  await page.getByText('9 from 1 reader').waitFor();
  await page.goto('/rankings');
  await page.getByRole('main').getByText('Ada 1').waitFor();
});

test('reload after one service process was killed, and still be signed in', async () => {
  process.kill(environment.instancePids[0] as number, 'SIGKILL');

  // What was on its way to that process is lost, and a busy machine may refuse one more: who reloads is served, and known.
  for (let reload = 0; reload < 6; reload += 1) {
    await eventually(async () => expect((await page.goto('/me'))?.status()).toBe(200));
    await page.getByRole('heading', { name: 'Ada' }).waitFor();
  }
});

test('a page that is refused while the sessions cannot be asked comes by itself once they can', async () => {
  const stores = [...environment.pids].filter(([name]) => /valkey/i.test(name)).map(([, pid]) => pid);
  expect(stores.length).toBeGreaterThan(0);
  for (const pid of stores) {
    process.kill(pid, 'SIGSTOP');
  }
  try {
    await page.goto('/me');
    await page.getByRole('heading', { name: 'One moment' }).waitFor();
  } finally {
    for (const pid of stores) {
      process.kill(pid, 'SIGCONT');
    }
  }

  await page.getByRole('heading', { name: 'Ada' }).waitFor();
});

test('works by keyboard alone, and on a phone without scrolling sideways', async () => {
  await page.goto('/');
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent.trim()')).toBe('Skip to the content');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.name')).toBe('q');

  const phone = await browser.newPage({ baseURL: environment.address, viewport: { width: 390, height: 844 } });
  for (const url of ['/', '/films/100', '/rankings', '/sign-in']) {
    await phone.goto(url);
    expect(await phone.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
  }
  await phone.goto('/films/100');
  await phone.close();
});

test('no page logs an error to the console', async () => {
  const errors: string[] = [];
  const watched = await context.newPage();
  watched.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  watched.on('pageerror', (error) => errors.push(error.message));

  for (const url of ['/', '/films/100', '/rankings', '/me']) {
    await watched.goto(url);
    await watched.locator('#panel table').waitFor();
  }

  expect(errors).toEqual([]);
  await watched.close();
});
