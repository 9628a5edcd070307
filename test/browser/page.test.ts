/** The real page in a real browser: it starts without a complaint, and cannot do what the policy forbids. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OpenedPage, openPage, withoutChromium } from './open-page.ts';

describe.skipIf(withoutChromium('the page in a browser'))('the page in a browser', () => {
  let opened: OpenedPage;
  beforeAll(async () => {
    opened = await openPage();
  });
  afterAll(async () => {
    await opened?.close();
  });

  test('starts isolated, connected, without token in its address, and without a complaint', async () => {
    const { page, studio, problems } = opened;
    expect(await page.evaluate('crossOriginIsolated')).toBe(true);
    expect(page.url()).toBe(`${studio.origin}/`);
    expect(await page.evaluate('document.cookie')).toBe('');
    await page.getByText('Connected').waitFor();
    expect(problems).toEqual([]);
  });

  test('shows the demo scan with a picture that the data route made', async () => {
    const { page, problems } = opened;
    await page.getByRole('button', { name: /demo/i }).first().click();
    const picture = page.locator('img[src^="/data/thumbnail/"]').first();
    await picture.waitFor();
    const width = () => page.evaluate(`document.querySelector('img[src^="/data/thumbnail/"]').naturalWidth`);
    await expect.poll(width).toBeGreaterThan(0);
    expect(problems).toEqual([]);
  });

  test('a second tab shares the session, and both hear of a change', async () => {
    const { page, another, problems } = opened;
    const second = await another();
    await second.getByText('Connected').waitFor();
    const theme = (of: typeof page) => of.evaluate('document.documentElement.dataset.theme');
    await second.evaluate(
      `fetch('/api/call', { method: 'POST', headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'settings.write', input: { theme: 'light' } }) }).then((answer) => answer.json())`,
    );
    await expect.poll(() => theme(page)).toBe('light');
    await expect.poll(() => theme(second)).toBe('light');
    await second.close();
    expect(problems).toEqual([]);
  });
});

describe.skipIf(withoutChromium('what the page cannot do'))('what the page cannot do', () => {
  let opened: OpenedPage;
  beforeAll(async () => {
    opened = await openPage();
  });
  afterAll(async () => {
    await opened?.close();
  });
  /** The complaint a forbidden act makes is what the test wants; it is taken off the list. */
  const complaint = async (part: RegExp) => {
    await expect.poll(() => opened.problems.some((text) => part.test(text))).toBe(true);
    opened.problems.length = 0;
  };

  test('evaluate strings', async () => {
    // Run as a script of the page would: evaluation asked for over the debugger is not bound by the policy.
    const said = await opened.page.evaluate(`new Promise((resolve) => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        try { resolve(String(globalThis.eval('6 * 7'))); } catch (thrown) { resolve(thrown.name); }
      };
      channel.port2.postMessage(0);
    })`);
    expect(said).toBe('EvalError');
    const made = await opened.page.evaluate(`new Promise((resolve) => {
      setTimeout(() => {
        try { resolve(String(new Function('return 42')())); } catch (thrown) { resolve(thrown.name); }
      });
    })`);
    expect(made).toBe('EvalError');
    await complaint(/eval/);
  });

  test('run a script written into the page, or one from elsewhere', async () => {
    const ran = await opened.page.evaluate(`new Promise((resolve) => {
      const inline = document.createElement('script');
      inline.textContent = 'globalThis.broken = true';
      document.body.append(inline);
      const foreign = document.createElement('script');
      foreign.src = 'https://example.com/x.js';
      foreign.onerror = () => resolve(globalThis.broken === true);
      foreign.onload = () => resolve(true);
      document.body.append(foreign);
    })`);
    expect(ran).toBe(false);
    await complaint(/script-src/);
  });

  test('speak with another address, or send a form to one', async () => {
    const spoke = await opened.page.evaluate(`fetch('https://example.com/').then(() => 'sent', () => 'refused')`);
    expect(spoke).toBe('refused');
    await complaint(/connect-src/);
    await opened.page.evaluate(`(() => {
      const form = document.createElement('form');
      form.action = 'https://example.com/';
      document.body.append(form);
      form.submit();
    })()`);
    await complaint(/form-action/);
    expect(opened.page.url()).toBe(`${opened.studio.origin}/`);
  });

  test('reach Node', async () => {
    const found = await opened.page.evaluate(`[typeof require, typeof process, typeof module, typeof Buffer]`);
    expect(found).toEqual(['undefined', 'undefined', 'undefined', 'undefined']);
  });

  test('be framed by another page', async () => {
    const context = await opened.browser.newContext();
    const outer = await context.newPage();
    await outer.goto('about:blank');
    await outer.evaluate(`(() => {
      const frame = document.createElement('iframe');
      frame.src = ${JSON.stringify(`${opened.studio.origin}/`)};
      document.body.append(frame);
    })()`);
    await expect.poll(() => outer.frames().length).toBe(2);
    await expect.poll(() => outer.frames()[1].url()).toMatch(/^chrome-error:/);
    await context.close();
  });

  test('load without the link', async () => {
    const context = await opened.browser.newContext();
    const stranger = await context.newPage();
    await stranger.goto(opened.studio.origin);
    await stranger.getByText('no session with the host').first().waitFor();
    await context.close();
  });
});
