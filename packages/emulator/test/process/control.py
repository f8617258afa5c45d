"""Scripts an emulator over HTTP, from Python and its standard library alone; see control.test.ts beside it."""

import json
import sys
from urllib.request import Request, urlopen

CONTROL_URL = sys.argv[1]


def ask(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(CONTROL_URL + path, method=method, data=data), timeout=30) as answer:
        return json.load(answer)


def say(content):
    sessions = ask("POST", "/say", {"content": content})["sessions"]
    assert sessions == 1, f'"{content}" reached {sessions} sessions'


# Before it knows the channel, discord.js would drop the message.
ask("GET", "/wait/guilds?timeoutMs=30000")
say("before")
ask("POST", "/shards/0/reconnect")
say("during op 7")
ask("GET", "/wait/resume?outcome=resumed&timeoutMs=30000")
say("after op 7")
ask("POST", "/shards/0/drop")
say("during drop")
ask("GET", "/wait/resume?outcome=resumed&count=2&timeoutMs=30000")
say("after drop")
report = ask("GET", "/report")
print(json.dumps({"violations": report["violations"], "resumes": len(report["resumes"])}))
