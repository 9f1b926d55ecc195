"""`python -m devteam_action` is `devteam`."""

from devteam_action.cli import main

raise SystemExit(main())
