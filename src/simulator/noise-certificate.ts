import { Curve, type KeyPair, proto, WA_CERT_DETAILS } from '@whiskeysockets/baileys';
import type { ServerIdentity } from './noise-responder.ts';
import { nowSeconds } from './stanza.ts';

const VALID_SECONDS = 365 * 24 * 60 * 60;
const { Details } = proto.CertChain.NoiseCertificate;

/**
 * A server key with a certificate chain of the real shape: root, intermediate, leaf. The root is our own, which
 * the client would refuse if it checked the signature; it checks presence and the issuer's serial number.
 */
function createServerIdentity(): ServerIdentity {
  const root = Curve.generateKeyPair();
  const intermediate = Curve.generateKeyPair();
  const staticKey = Curve.generateKeyPair();
  const chain = {
    intermediate: certify(root, {
      serial: 1,
      issuerSerial: WA_CERT_DETAILS.SERIAL,
      key: intermediate.public,
    }),
    leaf: certify(intermediate, { serial: 2, issuerSerial: 1, key: staticKey.public }),
  };
  return { staticKey, certificate: proto.CertChain.encode(chain).finish() };
}

let made: ServerIdentity | undefined;

/** One for the whole process: signing takes libsignal 20 ms, and nothing depends on who the server is. */
export function serverIdentity(): ServerIdentity {
  made ??= createServerIdentity();
  return made;
}

function certify(issuer: KeyPair, subject: { serial: number; issuerSerial: number; key: Uint8Array }) {
  const notBefore = nowSeconds();
  const details = Details.encode({ ...subject, notBefore, notAfter: notBefore + VALID_SECONDS }).finish();
  return { details, signature: Curve.sign(issuer.private, details) };
}
