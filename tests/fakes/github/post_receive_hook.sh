#!/bin/sh
# Tells git_http.py which refs really moved: "old new ref" lines.
[ -n "$FAKE_MOVED" ] && cat >>"$FAKE_MOVED"
exit 0
