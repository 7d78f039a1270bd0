# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody who knows how sessions are negotiated (XEP-0116), and nothing else: makes messages 1 and 3 with whatever nonce and
hashes of retained secrets he has heard on the way. Written from the specification, on OpenSSL alone."""
from __future__ import annotations

import base64
import ctypes
import ctypes.util
import hashlib
import hmac
import re
import secrets

CRYPTO = ctypes.CDLL(ctypes.util.find_library("crypto"))
for name in "EVP_PKEY_new_raw_private_key", "EVP_PKEY_new_raw_public_key", "EVP_PKEY_CTX_new", "EVP_CIPHER_CTX_new", "EVP_aes_256_ctr":
    getattr(CRYPTO, name).restype = ctypes.c_void_p
X25519 = 1034  # NID_X25519

OPTIONS = (("accept", "1"), ("logging", "may"), ("disclosure", "never"), ("security", "e2e"), ("modp", "31"),
           ("crypt_algs", "aes256-ctr"), ("hash_algs", "sha256"), ("compress", "none"), ("stanzas", "message"),
           ("init_pubkey", "none"), ("resp_pubkey", "none"), ("ver", "1.0"), ("sas_algs", "sas28x6"))


def done(result: int) -> None:
    if result != 1:
        raise RuntimeError("OpenSSL has failed")


def raw(private: bytes) -> ctypes.c_void_p:
    return ctypes.c_void_p(CRYPTO.EVP_PKEY_new_raw_private_key(X25519, None, private, ctypes.c_size_t(32)))


def public_of(private: bytes) -> bytes:
    key, buffer, size = raw(private), ctypes.create_string_buffer(32), ctypes.c_size_t(32)
    done(CRYPTO.EVP_PKEY_get_raw_public_key(key, buffer, ctypes.byref(size)))
    CRYPTO.EVP_PKEY_free(key)
    return buffer.raw


def agree(private: bytes, public: bytes) -> bytes:
    own = raw(private)
    other = ctypes.c_void_p(CRYPTO.EVP_PKEY_new_raw_public_key(X25519, None, public, ctypes.c_size_t(32)))
    context = ctypes.c_void_p(CRYPTO.EVP_PKEY_CTX_new(own, None))
    buffer, size = ctypes.create_string_buffer(32), ctypes.c_size_t(32)
    done(CRYPTO.EVP_PKEY_derive_init(context))
    done(CRYPTO.EVP_PKEY_derive_set_peer(context, other))
    done(CRYPTO.EVP_PKEY_derive(context, buffer, ctypes.byref(size)))
    CRYPTO.EVP_PKEY_CTX_free(context)
    CRYPTO.EVP_PKEY_free(own)
    CRYPTO.EVP_PKEY_free(other)
    return buffer.raw


def aes_ctr(key: bytes, counter: bytes, text: bytes) -> bytes:
    context = ctypes.c_void_p(CRYPTO.EVP_CIPHER_CTX_new())
    buffer, size = ctypes.create_string_buffer(len(text)), ctypes.c_int()
    done(CRYPTO.EVP_EncryptInit_ex(context, ctypes.c_void_p(CRYPTO.EVP_aes_256_ctr()), None, key, counter))
    done(CRYPTO.EVP_EncryptUpdate(context, buffer, ctypes.byref(size), text, len(text)))
    CRYPTO.EVP_CIPHER_CTX_free(context)
    return buffer.raw


def mac(key: bytes, *parts: bytes) -> bytes:
    return hmac.digest(key, b"".join(parts), "sha256")


def field(name: str, *values: bytes | str, options: bool = False) -> str:
    """As it is in normalized content."""
    texts = [value if isinstance(value, str) else base64.b64encode(value).decode() for value in values]
    inside = "".join(f"<value>{text}</value>" for text in texts)
    kind = ' type="list-single"' if options else ""
    return f'<field{kind} var="{name}">' + (f"<option>{inside}</option>" if options else inside) + "</field>"


def values_of(form: str, name: str) -> list[bytes]:
    """Of a field of somebody's form, decoded."""
    found = re.search(f"<field [^>]*var=['\"]{name}['\"].*?</field>", form)[0]
    return [base64.b64decode(value) for value in re.findall("<value>(.*?)</value>", found)]


class Stranger:
    """Asks TO in the name of FROM, both full JIDs, with the nonce N_A."""

    def __init__(self, source: str, target: str, nonce: bytes):
        self.thread = secrets.token_hex(16)
        self._addresses = f"from='{source}' to='{target}'"
        self._nonce = nonce
        self._private = secrets.token_bytes(32)
        self._public = public_of(self._private)
        chosen = [field(name, value, options=name not in ("accept",)) for name, value in OPTIONS]
        self._form = "".join([field("FORM_TYPE", "urn:xmpp:ssn"), *chosen, field("rekey_freq", "1"), field("my_nonce", nonce),
                              field("parties", source.partition("/")[0], target.partition("/")[0]),
                              field("dhhashes", hashlib.sha256(self._public).digest())])

    def request(self) -> str:
        return self._message("form", self._form)

    def accept(self, response: str, hashes: list[bytes]) -> str:
        """Message 3, right but for what HASHES mean, which he does not know."""
        public, counter, their_nonce = (values_of(response, name)[0] for name in ("dhkeys", "counter", "my_nonce"))
        counter = counter.rjust(16, b"\0")
        form = (field("FORM_TYPE", "urn:xmpp:ssn") + field("accept", "1") + field("nonce", their_nonce)
                + field("dhkeys", self._public) + field("rshashes", *hashes))
        key = hashlib.sha256(agree(self._private, public)).digest()
        sigma = mac(mac(key, b"Initiator SIGMA Key"), their_nonce, self._nonce, self._public, self._form.encode(), form.encode())
        identity = aes_ctr(mac(key, b"Initiator Cipher Key"), counter, sigma)
        proof = mac(mac(key, b"Initiator MAC Key"), counter, identity)
        return self._message("result", form + field("identity", identity) + field("mac", proof))

    def _message(self, kind: str, form: str) -> str:
        return (f"<message {self._addresses}><thread>{self.thread}</thread>"
                f"<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='{kind}'>{form}</x>"
                "</feature></message>")
