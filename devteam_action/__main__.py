from devteam_action.cli import main

raise SystemExit(main())
