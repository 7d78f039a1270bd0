-- SPDX-License-Identifier: GPL-3.0-or-later
-- A server that does with stanzas what a test tells it. While somebody is connected to the socket named by
-- hostile_socket, every message, iq and presence of clients is kept back and told there, one JSON object a line:
--
--   { "n": 7, "way": "received" from or "sent" to, "client": FULL JID, "stanza": XML }
--
-- in the order in which they come. What becomes of it, and what else happens, is said by lines in the other direction:
--
--   { "pass": 7 }                             as if nothing had been
--   { "drop": 7 }
--   { "deliver": XML, "client": FULL JID }    to a client, whoever it is from
--   { "submit": XML, "client": FULL JID }     as if that client had sent it
--
-- hostile_bind names users, and the full JIDs that their clients are told to be.
--
-- Stream management counts what is kept back as received, and not as sent. Nothing is kept back while nobody is connected.

module:set_global();

local filters = require "util.filters";
local json = require "util.json";
local server = require "net.server";
local st = require "util.stanza";
local unix = require "socket.unix";
local xml = require "util.xml";

local path = assert(module:get_option_string("hostile_socket"), "hostile_socket is not set");
local stanzas = { message = true; iq = true; presence = true };
local full_sessions = prosody.full_sessions;

local controller; -- its connection
local kept = {};  -- by number: what goes on with the stanza
local count = 0;
local released;   -- the stanza that may leave now

local function release(session, stanza)
    released = stanza;
    session.send(stanza);
    released = nil;
end

local function submit(session, stanza)
    session.thread:run(stanza);
end

local function keeper(way, goes_on)
    return function (stanza, session)
        if not controller or not session.full_jid or stanza == released or type(stanza) ~= "table"
           or stanza.attr.xmlns or not stanzas[stanza.name] then
            return stanza;
        end
        count = count + 1;
        -- Whoever sent it may use it again, with other addresses.
        local copy = st.clone(stanza);
        kept[count] = function () goes_on(session, copy); end
        controller:write(json.encode({
            n = count; way = way; client = session.full_jid; stanza = tostring(stanza);
        }).."\n");
        return nil;
    end
end

local bind = module:get_option("hostile_bind") or {};

local function bound(stanza, session)
    local jid = bind[session.username];
    local result = jid and stanza.name == "iq" and stanza:get_child("bind", "urn:ietf:params:xml:ns:xmpp-bind");
    if not result then
        return stanza;
    end
    return st.reply(stanza):tag("bind", { xmlns = "urn:ietf:params:xml:ns:xmpp-bind" }):tag("jid"):text(jid):up():up();
end

local received, sent = keeper("received", submit), keeper("sent", release);

-- After stream management has counted on the way in, before it does on the way out.
local function watch(session)
    filters.add_filter(session, "stanzas/in", received, 500);
    filters.add_filter(session, "stanzas/out", sent, 500);
    filters.add_filter(session, "stanzas/out", bound, 400);
end

local function obey(order)
    local number = order.pass or order.drop;
    if number then
        local go_on = kept[number];
        kept[number] = nil;
        if go_on and order.pass then
            go_on();
        end
        return;
    end
    local session = full_sessions[order.client];
    local stanza = assert(xml.parse(order.deliver or order.submit));
    if session then
        (order.deliver and release or submit)(session, stanza);
    end
end

local function leave()
    controller = nil;
    local numbers = {};
    for number in pairs(kept) do
        table.insert(numbers, number);
    end
    table.sort(numbers);
    for _, number in ipairs(numbers) do
        obey({ pass = number });
    end
end

local listener = { default_mode = "*a" };
local rest = "";

function listener.onconnect(conn)
    controller, rest = conn, "";
end

function listener.onincoming(_, data)
    rest = rest..data;
    local start = 1;
    local last = rest:find("\n", start, true);
    while last do
        local line = rest:sub(start, last - 1);
        local ok, problem = pcall(obey, json.decode(line));
        if not ok then
            module:log("error", "%s: %s", problem, line);
        end
        start = last + 1;
        last = rest:find("\n", start, true);
    end
    rest = rest:sub(start);
end

function listener.ondisconnect(conn)
    if conn == controller then
        leave();
    end
end

local socket, conn;

function module.load()
    os.remove(path);
    socket = unix.stream and unix.stream() or unix();
    socket:settimeout(0);
    assert(socket:bind(path));
    assert(socket:listen());
    conn = server.wrapserver(socket, path, 0, listener);
    filters.add_filter_hook(watch);
end

function module.unload()
    filters.remove_filter_hook(watch);
    conn:close();
    socket:close();
    os.remove(path);
end
