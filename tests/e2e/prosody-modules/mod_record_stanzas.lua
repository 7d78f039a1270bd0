-- SPDX-License-Identifier: GPL-3.0-or-later
-- Appends every stanza that clients send and get, whole, to the file named by record_stanzas_file, as one
-- JSON object a line. mod_stanza_debug does not do: the log escapes control characters and mixes in other
-- lines.

module:set_global();

local filters = require "util.filters";
local json = require "util.json";
local now = require "util.time".now;

local path = assert(module:get_option_string("record_stanzas_file"), "record_stanzas_file is not set");
local file = assert(io.open(path, "a"));
file:setvbuf("full");

local function recorder(way)
    return function (stanza, session)
        if stanza and stanza ~= "" and stanza ~= " " then
            file:write(json.encode({
                way = way;
                time = now();
                client = session.full_jid;
                stanza = tostring(stanza);
            }), "\n");
            file:flush();
        end
        return stanza;
    end
end

local received, sent = recorder("received"), recorder("sent");

-- Before any other filter on the way in, after all others on the way out.
local function record(session)
    filters.add_filter(session, "stanzas/in", received, 10000);
    filters.add_filter(session, "stanzas/out", sent, -10000);
end

filters.add_filter_hook(record);

function module.unload()
    filters.remove_filter_hook(record);
    file:close();
end
