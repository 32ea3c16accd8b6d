import { PAGE_SCRIPT } from './page-script.ts';
import { PAGE_STYLE } from './page-style.ts';

/** The whole page; nothing else is loaded. The nonce is all that its script and style run by. */
export const pageHtml = (nonce: string) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>WhatsApp, simulated</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${PAGE_STYLE}</style>

<header>
  <h1>WhatsApp, simulated</h1>
  <p>Point a client at <code id="url"></code></p>
  <p id="live" role="status">connecting</p>
</header>

<main>
  <section aria-labelledby="phone-title">
    <h2 id="phone-title">Phone <small id="phone"></small></h2>
    <form data-post="/pair">
      <label for="code">Link a device: paste its QR text, or type its pairing code</label>
      <div class="row"><input id="code" name="text" required autocomplete="off" spellcheck="false"
        placeholder="https://wa.me/settings/linked_devices#…  or  ABCD-1234"><button>Link</button></div>
    </form>
    <ul id="codes"></ul>
    <ul id="devices" class="cards"></ul>
  </section>

  <section aria-labelledby="contact-title">
    <h2 id="contact-title">Contact <small id="contact"></small></h2>
    <form data-post="/send">
      <label for="text">Send a text as the contact</label>
      <div class="row"><input id="text" name="text" required autocomplete="off">
        <button>To the phone</button><button data-post="/group">To <span id="group"></span></button></div>
    </form>
    <ol id="messages" class="log"></ol>
  </section>

  <section aria-labelledby="reports-title">
    <h2 id="reports-title">Detectors</h2>
    <ol id="reports" class="log"></ol>
  </section>

  <section aria-labelledby="events-title">
    <h2 id="events-title">Connections</h2>
    <ol id="events" class="log"></ol>
  </section>
</main>

<p id="problem" role="alert" hidden></p>
<script nonce="${nonce}">${PAGE_SCRIPT}</script>
`;
