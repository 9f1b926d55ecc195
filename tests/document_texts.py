"""What the generated tables say and code cannot know: meanings, examples, advice. A test holds the keys to the code."""

from __future__ import annotations

EXIT_CODES = {
    "0": "done; also: nothing to do",
    "1": "the task failed or was not proved, or the pipeline is stopped",
    "2": "bad input: arguments, configuration, task list, repository",
    "3": "not allowed",
    "4": "something that is needed is missing or cannot be reached",
    "5": "somebody else was faster, or is at it",
    "70": "a bug of ours, with a report to paste",
    "130/143": "interrupted (Ctrl-C) / terminated; work and state are saved",
}

ERRORS = {
    "bad-input": "Read the message: it names the argument or the file.",
    "usage": "`devteam COMMAND --help` shows the arguments.",
    "config": "Mend the key; [configuration](configuration.md) has all of them.",
    "task-list": "Mend the file; see [task lists](task-lists.md).",
    "unknown-task": "`devteam tasks` shows the ids.",
    "dependency-open": "`devteam next --explain` says what would unblock it.",
    "criterion": "Mend the value; the README has examples.",
    "repository": "Do what the message says.",
    "git": "Read what git said; it is in the message.",
    "stopped": "`retry`, `resume` or `skip` that task.",
    "stage-failed": "The message says what failed; then `devteam retry`.",
    "not-allowed": "Ask for the right, or leave the path alone.",
    "missing": "Install or start what it names.",
    "tool-missing": "Set the key, or type the command that it shows.",
    "remote-unreachable": "Check network and credentials, then again.",
    "state-conflict": "Wait, `devteam stop TASK`, or take over with `resume`.",
    "conversation-taken": "Wait until that is done, then again.",
    "setup-failed": "Mend it, then `retry`; a file has its output.",
    "system": "Free what is full or mend the right, then again.",
    "state-damaged": "Upgrade, or restore the file; see [state](state.md).",
    "state-not-written": "Make room, then run again.",
    "bug": "Report what was printed; `--debug` shows more.",
}

# What a task in ERROR has as its `error.code`, beside the codes of errors.
FAILURES = {
    "attempts-spent": (
        "Every attempt failed; the message has the last failure.",
        "`devteam guide TASK TEXT`, or `devteam retry TASK`",
    ),
    "same-failure": (
        "Two attempts in a row failed in the same way.",
        "`devteam guide TASK TEXT`: it needs advice",
    ),
    "cost-cap": ("What the attempts cost has reached the cap.", "raise `max-cost-usd` or `--max-cost`, then `retry`"),
    "unverified": ("No criterion could be measured.", "state a criterion, or set up tests, lint or types"),
    "not-measured": (
        "What measures it is missing: a program, or a command.",
        "name it under `setup:` on the base branch, then `retry` measures again",
    ),
    "not-proved": ("A checkpoint is red; no tool works on one.", "mend it by hand, then `devteam retry TASK`"),
    "conflict": (
        "The base branch moved, and cannot be merged in.",
        "merge the base into the branch by hand, then `retry`; or `retry --clean`",
    ),
    "branch-moved": (
        "Somebody pushed to the task's pull request.",
        "`/devteam adopt` there, or `devteam resume TASK --adopt`; or `retry --clean`",
    ),
    "pull-request-closed": ("A person closed its pull request without merging it.", "`devteam retry TASK`"),
    "list-changed": (
        "The list no longer has the task under this title; it cannot be ticked.",
        "`devteam skip TASK`, or merge the branch by hand",
    ),
    "stopped": ("A person or a signal stopped it.", "`devteam resume TASK`"),
    "interrupted": ("A signal ended the process.", "`devteam run` goes on where it was"),
    "authentication": ("The model's provider refused the key.", "set another key, then `devteam retry TASK`"),
    "quota": ("The provider says that the money is spent.", "raise the limit there, then `devteam retry TASK`"),
    "model-not-found bad-request": ("The provider does not take the model or the request.", "mend `tools.aider.model`"),
    "bad-usage": ("aider refused its arguments.", "mend `tools.aider` in the configuration"),
    "several-arrived": (
        "SCAR pushed more than one branch that could be the work.",
        "keep the one that is named, remove the others, then `devteam retry TASK`",
    ),
    "newer-base": (
        "SCAR merged a newer base branch into the task branch.",
        "`devteam resume TASK --adopt` goes on with that; or `retry --clean`",
    ),
    "branch-rewritten": (
        "Somebody pushed the task branch by force while SCAR worked.",
        "look at the branch; `devteam retry TASK --clean` begins again",
    ),
    "scar-interrupted": (
        "SCAR restarted or went away in a command; its work may be half done.",
        "look at the branch, then `devteam retry TASK`",
    ),
    "scar-uncertain": ("SCAR fell silent, and nothing tells that its command ended.", "look there, then `retry`"),
    "timed-out": (
        "The tool did not end in time; SCAR goes on there.",
        "raise the limit (`command-timeout`), then `devteam retry TASK`",
    ),
    "scar-repository scar-no-commands": (
        "SCAR lacks the repository, or commands in it.",
        "set it up there (or `scar.repository`), then `devteam retry TASK`",
    ),
    "brief-too-long": ("The brief is more than SCAR takes in one message.", "shorten it, then `devteam retry TASK`"),
    "no-patch": ("The `replay` tool has no patch for the task.", "add `TASK.patch` to its folder"),
}

CRITERIA = {
    "test.pass": ("pass", "pytest: the share of tests that pass; a red test is run again alone, at head and base"),
    "test.coverage": (">= 80%", "coverage of the lines that the task touched, and of no other"),
    "test.coverage.total": (">= 60%", "coverage of the whole project"),
    "type.strict": ("0 errors", "new errors of mypy, pyright or basedpyright, whichever is set up"),
    "lint.clean": ("pass", "new findings of ruff"),
    "doc.updated": ("docs/outcomes.md", "whether the document gained or changed lines"),
    "build": ("pass", "the exit code of `commands: {build: …}`"),
    "diff.scope": ("pass", "changed files that are protected, or outside of the task's `touches:`"),
    "diff.size": ("<= 300 lines", "how many lines (or `files`) the change has"),
    "secrets.clean": ("pass", "tokens and private keys on added lines"),
    "test.bites": (">= 70%", "known by name, not measured in this version: it fails with that reason"),
}

ENVIRONMENT = {
    "OPENAI_API_KEY ANTHROPIC_API_KEY GEMINI_API_KEY": "the key of your model; only the tool's process gets it",
    "OPENROUTER_API_KEY DEEPSEEK_API_KEY": "ditto",
    "OPENAI_API_BASE": "another server that speaks OpenAI's protocol; only the tool's process gets it",
    "WORKSPACE_DIR": "where worktrees and clones go; without it `devteam/work` in the user's cache folder",
    "GIT_USERNAME GIT_TOKEN": "for HTTPS remotes; never written to a file or a command line",
    "AIDER_PATH": "an aider 0.86.2 that is installed already; without it devteam makes an environment of its own",
    "PYTHON_PATH": "the interpreter of the project's own checks, where the file names none in `verify.python`",
    "SCAR_BASE_URL SCAR_TIMEOUT_SECONDS SCAR_CONVERSATION_PREFIX": "the same keys of `scar`, over the file",
    "LOG_LEVEL": "`DEBUG`, `INFO` (the default), `WARNING` or `ERROR`: what goes into `server.log`",
}

STANDARD_ENVIRONMENT = {
    "HOME XDG_CACHE_HOME XDG_DATA_HOME": "where the cache (worktrees, clones) and the data (aider's environment) are",
    "PATH VIRTUAL_ENV": "where programs and the project's Python are looked for",
    "NO_COLOR CI TERM": "plain output: when one of the first two is set, or the terminal is `dumb`",
    "GITHUB_ACTIONS": "`true`: the checkout is worked in directly, without a worktree beside it",
    "GITHUB_EVENT_NAME GITHUB_EVENT_PATH GITHUB_ACTOR": "in a job: what happened, and by whom",
    "GITHUB_REPOSITORY GITHUB_REF GITHUB_SHA GITHUB_WORKSPACE": "in a job: where it happened, and the checkout",
    "GITHUB_WORKFLOW_REF GITHUB_RUN_ID GITHUB_RUN_ATTEMPT": "in a job: which one it is",
    "RUNNER_ENVIRONMENT": "in a job: `self-hosted` or `github-hosted`, for the advice when SCAR is not reached",
    "GITHUB_OUTPUT GITHUB_STEP_SUMMARY RUNNER_TEMP": ("in a job: where its outputs, its summary and its own Python go"),
    "GITHUB_API_URL GITHUB_GRAPHQL_URL GITHUB_SERVER_URL": "which GitHub; github.com without them",
    "GH_HOST": "the host of a GitHub Enterprise Server: without it a token goes to github.com and `*.ghe.com` alone",
    "DEVTEAM_INPUT_COMMAND DEVTEAM_INPUT_DRY_RUN DEVTEAM_INPUT_TOOL DEVTEAM_INPUT_GITHUB_TOKEN": (
        "the action's inputs, from action.yml"
    ),
    "DEVTEAM_INPUT_DISPATCH_WORKFLOW": "the same: the workflow that is started on what was pushed",
    "DEVTEAM_JOB": "`control`, `work` or `accept`: which commands of comments this job takes; all without it",
    "DEVTEAM_IMPLEMENTED": "how the job ended of which DEVTEAM_TAKE_IN has the work",
    "DEVTEAM_RUN_STATUS": "for the step after a run that was ended from outside: its output `status`",
    "DEVTEAM_ACCEPTED": "the login that an earlier job of the workflow has found to have write permission",
    "DEVTEAM_SEEN": "the head of a task's branch that an earlier job has found when `retry` or `resume` was said",
    "DEVTEAM_HAND_OVER DEVTEAM_TAKE_IN": "a folder: work is left there, not pushed; or taken from there, and pushed",
    "DEVTEAM_RUN_NOTHING": "`true` where a job only puts on the record what people did: no tool, check or `setup:`",
    "PIP_NO_INDEX": "as pip reads it: the action is installed from what is at hand",
    "USER LOGNAME": "who is named in the record of `guide`, `stop`, `skip` and the like",
}

STATUSES = {
    "PENDING": "known, nothing runs",
    "INITIALIZING": "SELECT and PREP",
    "IMPLEMENTING": "the tool works",
    "VERIFYING": "the checks run",
    "PUBLISHING": "the tick and the delivery",
    "WAITING": "for what `waitingFor` says: `review` (proved, not merged yet), `approval`, `person` or `slot`",
    "COMPLETED": "it is in the base branch",
    "ERROR": "`error` says why, and the command that goes on",
    "STOPPED": "by a person (until `devteam resume`) or a signal (until the next `run`)",
}

# One line (or a group of lines) that is read as that type.
ACTIVITIES = {
    "bash_command": "$ pytest -q",
    "file_read": "Added src/stock.py to the chat.",
    "file_write": "Creating empty file src/new.py",
    "file_edit": "Applied edit to src/stock.py",
    "grep_search": 'Searching: pattern "def take"',
    "glob_pattern": 'Finding files: pattern "**/*.py"',
    "tool_invocation": "Commit 1a2b3c4 Add the flag",
    "agent_response": "The function lacks a guard; I shall add one.",
    "error": "Error: no such option",
    "progress": "Tokens: 3.2k sent, 410 received. Cost: $0.02 message, $0.05 session.",
}

PROBLEMS = {
    "undecodable": ("error, whole list", "The bytes are no UTF-8."),
    "no-task": ("error, whole list", "Nothing in the file is read as a task; the message says what it has instead."),
    "duplicate-id": ("error, or warning", "Two tasks have one id; a warning where all copies are done."),
    "unknown-dependency": ("error", "A task waits for an id that the list does not have."),
    "cycle": ("error", "Tasks wait for one another."),
    "self-dependency": ("error", "A task waits for itself."),
    "child-dependency": ("error", "A group waits for one of its own parts."),
    "criterion": ("error", "A task states a criterion that is unknown, or a value that cannot be read."),
    "unclosed-fence": ("error", "Fenced code begins and never ends; what follows is not read."),
    "unclosed-comment": ("error", "An HTML comment begins and never ends; what follows is not read."),
    "unresolved-reference": ("warning", "A dependency is words, not an id; it blocks nothing."),
    "mark-mismatch": ("warning", "A parent's mark says otherwise than its children; the children count."),
    "unread-items": ("warning", "Lines look like tasks and are not read as such."),
    "unread-note": (
        "warning",
        "Limits, criteria or dependencies are nearly written as such and are not read; or they hold for no task.",
    ),
}

COMMENT_COMMANDS = {
    "run": "the next task, or this one, or all up to one",
    "retry": "a new attempt of a task that failed; on a pull request its own task",
    "guide": "advice, up to the end of the comment: taken at the next attempt, and starts one where nothing runs",
    "verify": "judges the pull request again",
    "status": "where the task of the pull request stands; elsewhere every task that was begun",
    "stop": "ends a run within seconds; its work is committed",
    "resume": "lifts a stop, and goes on at the unfinished stage",
    "skip": "goes on without the task",
    "inject": "a task that the list does not have, to be done next; further lines describe it",
    "approve": "lets workflow runs go that wait for approval on that commit",
    "adopt": "takes in what a person committed on the task branch",
    "help": "this list",
}

GITHUB_EVENTS = (
    (
        "`workflow_dispatch`, `schedule`",
        "whoever may start it",
        "the next task (or `task`): a branch, a draft, then a ready pull request",
    ),
    (
        "comment with a command",
        "write permission",
        "👀 at once, the command, 🚀 or 😕 at the end, one answer that is edited",
    ),
    ("comment with a command", "anyone else", "👎, and nothing runs"),
    ("comment with a command", "GitHub does not say what they may", "no reaction, nothing runs, and the job is red"),
    ("comment with a misspelt command", "write permission", "😕 and one hint"),
    ("any other comment, an edited one, a bot's", "anyone", "nothing: no request, nothing installed"),
    (
        "`pull_request` on `task/…`",
        "this repository",
        "VERIFY on its head: check run, annotations, sticky comment; the job is green or red",
    ),
    (
        "`pull_request` on `task/…`",
        "a fork",
        "the same verdict with a token that reads: the job, its annotations and its summary",
    ),
    ("`pull_request` on another branch", "anyone", "green in seconds, or skipped"),
    (
        "a task's pull request is merged",
        "a person",
        "the task is done, its neighbours are brought up to date, the next is offered (`on-merge`)",
    ),
    ("a task's pull request is closed", "a person", "the record says so; nothing is begun"),
    ("`workflow_call`", "its caller", "what `command:` says; `auto` goes by the caller's event"),
    ("any other event", "anyone", "nothing, and a sentence that says so"),
)
