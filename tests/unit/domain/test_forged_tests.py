"""Ways to have a red test not count, and the honest changes of tests that look like them."""

from __future__ import annotations

import pytest

from tests.unit.domain.changes import Files, findings

CALC = """\
import pytest
from calc import add


def test_add():
    assert add(1, 2) == 3


def test_none():
    with pytest.raises(TypeError):
        add(None, 1)


class TestMore:
    def test_runs(self):
        add(0, 0)
"""
CASE = """\
import unittest


class Calc(unittest.TestCase):
    def test_add(self):
        self.assertEqual(1 + 2, 3)
"""
HOOK = "def pytest_collection_modifyitems(items):\n    items.clear()\n"


def rules(base: Files, head: Files, title: str = "Add halves") -> set[tuple[str, str]]:
    """Rule and severity of all findings of test.pass."""
    return {(one.rule, one.severity) for one in findings(base, head, title=title).get("test.pass", ())}


def changed(old: str, new: str, text: str = CALC) -> Files:
    assert old in text
    return {"tests/test_calc.py": text.replace(old, new)}


BASE = {"tests/test_calc.py": CALC}
ADD = "def test_add():\n    assert add(1, 2) == 3\n"


@pytest.mark.parametrize(
    ("head", "rule"),
    [
        pytest.param(
            changed(ADD, f"if False:\n    {ADD}".replace("\n    a", "\n        a")), "dropped-test", id="if False"
        ),
        pytest.param(changed(ADD, f"if 0:\n    {ADD}".replace("\n    a", "\n        a")), "dropped-test", id="if 0"),
        pytest.param(
            changed(ADD, f"class Hidden:\n    {ADD}".replace("\n    a", "\n        a")), "dropped-test", id="class"
        ),
        pytest.param(
            changed(ADD, f"def outer():\n    {ADD}".replace("\n    a", "\n        a")), "dropped-test", id="function"
        ),
        pytest.param(changed(ADD, f"{ADD}del test_add\n"), "dropped-test", id="deleted name"),
        pytest.param(changed(ADD, f"{ADD}test_add = None\n"), "dropped-test", id="bound anew"),
        pytest.param(changed(ADD, f"{ADD}test_add.__test__ = False\n"), "dropped-test", id="not a test"),
        pytest.param(changed(ADD, f"__test__ = False\n{ADD}"), "dropped-test", id="module is no test"),
        pytest.param(changed("def test_add", "@pytest.fixture\ndef test_add"), "dropped-test", id="a fixture"),
        pytest.param(changed("TestMore:", "TestMore:\n    def __init__(self): ..."), "dropped-test", id="init"),
        pytest.param(changed("TestMore:", "More:"), "dropped-test", id="class renamed out of sight"),
        pytest.param({"tests/calc_checks.py": CALC}, "dropped-test", id="file renamed out of sight"),
        pytest.param({"build/test_calc.py": CALC}, "dropped-test", id="folder that pytest passes over"),
        pytest.param(changed("assert add(1, 2) == 3", "assert True"), "hollow-test", id="assert True"),
        pytest.param(changed("assert add(1, 2) == 3", "pass"), "hollow-test", id="pass"),
        pytest.param(changed("assert add(1, 2) == 3", "add(1, 2)"), "hollow-test", id="only the call"),
        pytest.param(changed("assert add(1, 2) == 3", "assert add(1, 2) == 3 or True"), "hollow-test", id="or True"),
        pytest.param(changed("assert add(1, 2) == 3", "assert (add(1, 2) == 3, 'x')"), "hollow-test", id="tuple"),
        pytest.param(changed("assert add", "return\n    assert add"), "hollow-test", id="return first"),
        pytest.param(changed("    assert add", "    if False:\n        assert add"), "hollow-test", id="dead branch"),
        pytest.param(
            changed(
                "    assert add(1, 2) == 3",
                "    try:\n        assert add(1, 2) == 3\n    except Exception:\n        pass",
            ),
            "hollow-test",
            id="swallowed",
        ),
        pytest.param(
            changed("    assert add", "    with contextlib.suppress(AssertionError):\n        assert add"),
            "hollow-test",
            id="suppressed",
        ),
        pytest.param(changed("        add(0, 0)", "        print('fine')"), "hollow-test", id="smoke test"),
        pytest.param(
            changed("    with pytest.raises(TypeError):\n        add(None, 1)", "    ..."), "hollow-test", id="raises"
        ),
        pytest.param(
            changed("import pytest", "from pytest import skip as s\nimport pytest\ns('x')"), "new-skip", id="alias"
        ),
        pytest.param(changed("import pytest", "import pytest\nq = pytest.skip\nq('x')"), "new-skip", id="assigned"),
        pytest.param(changed("import pytest", "import pytest as p\npytest = p\np.skip('x')"), "new-skip", id="module"),
        pytest.param(
            changed("import pytest", "import pytest\nx = getattr(pytest, 'sk' + 'ip')"), "new-skip", id="getattr"
        ),
        pytest.param(
            changed("def test_add", "@pytest.mark.parametrize('x', [])\ndef test_add"), "new-skip", id="no cases"
        ),
        pytest.param(changed("from calc", "m = pytest.mark\npytestmark = m.skip\nfrom calc"), "new-skip", id="mark"),
        pytest.param(
            changed("from calc", "import unittest\nraise unittest.SkipTest('x')\nfrom calc"), "new-skip", id="SkipTest"
        ),
        pytest.param({**BASE, "tests/conftest.py": "collect_ignore = ['test_calc.py']\n"}, "new-skip", id="ignored"),
        pytest.param({**BASE, "tests/pyvenv.cfg": ""}, "hidden-tests", id="no virtual environment"),
    ],
)
def test_a_test_that_no_longer_counts_is_a_finding(head: Files, rule: str) -> None:
    assert (rule, "error") in rules(BASE, head)


def test_a_test_case_loses_its_assertions_and_its_skips_are_seen() -> None:
    base = {"test_c.py": CASE}
    assert rules(base, changed_case("self.assertEqual(1 + 2, 3)", "self.assertTrue(True)")) == {
        ("hollow-test", "error")
    }
    assert rules(base, changed_case("self.assertEqual", "self.skipTest('x')\n        self.assertEqual")) == {
        ("new-skip", "error")
    }
    assert rules(base, changed_case("unittest.TestCase", "object")) == {("dropped-test", "error")}


def changed_case(old: str, new: str) -> Files:
    return {"test_c.py": changed(old, new, CASE)["tests/test_calc.py"]}


@pytest.mark.parametrize(
    ("base", "head"),
    [
        pytest.param(BASE, changed("add(1, 2) == 3", "add(2, 2) == 4"), id="another expectation"),
        pytest.param(BASE, changed("assert add(1, 2) == 3", "check_sum(1, 2, 3)"), id="assertion moved to a helper"),
        pytest.param(BASE, changed("assert add(1, 2) == 3", "_both_ways(1, 2)"), id="a helper of any name"),
        pytest.param(BASE, changed("test_add", "test_that_it_adds"), id="renamed, same body"),
        pytest.param(
            BASE, changed(ADD, f"class TestAdd:\n    {ADD}".replace("\n    a", "\n        a")), id="into a class"
        ),
        pytest.param(BASE, changed("TestMore", "TestOther"), id="class renamed"),
        pytest.param(BASE, {"tests/test_sums.py": CALC}, id="moved to another file"),
        pytest.param(BASE, {"tests/unit/test_calc.py": CALC}, id="moved to another folder"),
        pytest.param(
            BASE, changed("def test_add", "@pytest.mark.parametrize('n', [1])\ndef test_add"), id="parametrized"
        ),
        pytest.param(BASE, changed("def test_add", "@pytest.mark.slow\ndef test_add"), id="another mark"),
        pytest.param(
            BASE,
            changed(
                "    assert add",
                "    try:\n        import x\n    except ImportError:\n        x = None\n    assert add",
            ),
            id="a try of something else",
        ),
        pytest.param(
            BASE,
            changed(
                "    assert add(1, 2) == 3",
                "    try:\n        assert add(1, 2) == 3\n    except Exception:\n        pytest.fail('x')",
            ),
            id="a handler that fails",
        ),
        pytest.param(BASE, changed("def test_add():", "async def test_add():"), id="async"),
        pytest.param(
            BASE,
            changed(
                ADD, "import sys\nif sys.version_info > (3,):\n    def test_add():\n        assert add(1, 2) == 3\n"
            ),
            id="under a condition that depends",
        ),
        pytest.param({"test_c.py": CASE}, changed_case("unittest.TestCase", "AppTestCase"), id="another TestCase"),
        pytest.param(
            {"tests/check_calc.py": CALC},
            {"tests/check_calc.py": CALC + "\n\nX = 1\n"},
            id="names of the project's own",
        ),
        pytest.param(
            {"tests/test_calc.py": "def test_a(): pass\n"}, {"tests/test_calc.py": "def test_a(): ...\n"}, id="empty"
        ),
        pytest.param(
            {}, {"conftest.py": "import pytest\n\n\n@pytest.fixture\ndef calc():\n    yield 1\n"}, id="plain fixtures"
        ),
        pytest.param(
            {},
            {"conftest.py": "def pytest_configure(config):\n    config.addinivalue_line('markers', 'slow: slow')\n"},
            id="a marker",
        ),
        pytest.param(
            {},
            {"conftest.py": "def pytest_addoption(parser):\n    parser.addoption('--url', default='')\n"},
            id="option",
        ),
        pytest.param({}, {"conftest.py": "def pytest_report_header():\n    return 'x'\n"}, id="a report line"),
        pytest.param({"conftest.py": HOOK}, {"conftest.py": f"# why\n{HOOK}X = 1\n"}, id="the base's own hook"),
        pytest.param({"conftest.py": HOOK}, {"tests/conftest.py": HOOK}, id="a hook that moved"),
        pytest.param({}, {"src/pytest_x/plugin.py": HOOK}, id="a plugin is the product"),
        pytest.param(
            {}, {"tests/test_x.py": 'SOURCE = """\ndef pytest_runtest_setup(item): ...\n"""\n'}, id="in a string"
        ),
        pytest.param(
            {},
            {"conftest.py": "from tests.helpers import *\n", "tests/helpers.py": "def make(): ...\n"},
            id="fixtures from a helper",
        ),
        pytest.param({}, {"tests/data/x-1.dist-info/METADATA": ""}, id="metadata as test data"),
        pytest.param(
            {}, {"src/app/queue.py": "", "app/types.py": "", "docs/code/x.py": ""}, id="names inside a package"
        ),
        pytest.param({"src/types.py": ""}, {"src/types.py": "x = 1\n"}, id="a name that the base has"),
        pytest.param({}, {"coverage/lcov.info": "x", "site/index.html": "x"}, id="a folder without modules"),
    ],
)
def test_an_honest_change_of_tests_is_free(base: Files, head: Files) -> None:
    assert rules(base, head) == set()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(HOOK, id="selection"),
        pytest.param(
            "import pytest\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport():\n    yield\n",
            id="report",
        ),
        pytest.param("def pytest_runtest_protocol(item): return True\n", id="protocol"),
        pytest.param("def pytest_sessionfinish(session): session.exitstatus = 0\n", id="exit code"),
        pytest.param("pytest_plugins = ['evil']\n", id="plugins"),
        pytest.param("pytest_ignore_collect = lambda path: True\n", id="lambda"),
        pytest.param("from evil import pytest_pycollect_makeitem\n", id="imported"),
        pytest.param("from evil import f as pytest_runtest_call\n", id="imported as"),
        pytest.param("globals()['pytest_runtest_logreport'] = print\n", id="by its name as text"),
        pytest.param("class P:\n    def pytest_report_teststatus(self): return 'passed', '.', ''\n", id="in an object"),
        pytest.param("def f(config):\n    config.pluginmanager.register(object())\n", id="registered"),
        pytest.param("def pytest_configure(config):\n    config.option.deselect = ['x']\n", id="configure"),
        pytest.param("def pytest_addoption(parser):\n    parser.addoption('--x', dest='deselect')\n", id="option"),
        pytest.param("from hooks import *\n", id="star"),
    ],
)
def test_a_new_hook_is_a_finding_unless_the_task_names_the_file(text: str) -> None:
    head = {"conftest.py": text, "hooks.py": HOOK}
    assert rules({}, head) == {("new-hook", "error")}
    assert rules({"conftest.py": HOOK}, head) == ({("new-hook", "error")} if text != HOOK else set())
    assert rules({}, head, title="Leave slow tests out in conftest.py") == {("new-hook", "warning")}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("conftest.py", "pytest_plugins = ['app.testkit']\n"),
        ("tests/conftest.py", "from app.testkit import *\n"),
        ("pyproject.toml", "[tool.pytest.ini_options]\naddopts = '-q -p app.testkit'\n"),
        ("pytest.toml", "[pytest]\naddopts = ['-p', 'app.testkit']\n"),
    ],
)
def test_a_hook_in_a_module_that_the_base_loads_as_a_plugin_is_a_finding(path: str, text: str) -> None:
    base = {path: text, "src/app/testkit.py": "x = 1\n", "app/other.py": ""}
    assert rules(base, {**base, "src/app/testkit.py": HOOK}) == {("new-hook", "error")}
    assert rules(base, {**base, "src/app/other.py": HOOK}) == set()


def test_product_code_that_begins_to_skip_tests_is_a_finding() -> None:
    skips = "import unittest\n\n\ndef add(a, b):\n    raise unittest.SkipTest('x')\n"
    assert rules({"calc.py": "def add(a, b): ...\n"}, {"calc.py": skips}) == {("new-skip", "error")}
    assert rules({"kit.py": "import pytest\n"}, {"kit.py": "import pytest\npytest.skip('x')\n"}) == set()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("conftest.py", "import coverage\ncoverage.Coverage.json_report = None\n"),
        ("conftest.py", "import coverage.control as c\n"),
        ("tests/helper.py", "from coverage import Coverage\n"),
        ("calc.py", "import _pytest.runner as r\nr.call_and_report = print\n"),
        ("calc.py", "from _pytest import runner\nsetattr(runner, 'x', 1)\n"),
        ("tests/test_x.py", "def test_x(monkeypatch):\n    monkeypatch.setattr('_pytest.runner.x', 1)\n"),
    ],
)
def test_reaching_into_the_judge_is_a_finding(path: str, text: str) -> None:
    assert rules({}, {path: text}) == {("patched-tool", "error")}
    assert rules({path: text}, {path: f"{text}X = 1\n"}) == set()


@pytest.mark.parametrize(
    "text",
    [
        "from _pytest.monkeypatch import MonkeyPatch\nimport pytest\npytest.register_assert_rewrite('x')\n",
        "coverage = {}\ncoverage['x'] = 1\n",
        "import unittest\nunittest.TestCase.maxDiff = None\n",
    ],
)
def test_using_the_judge_is_free(text: str) -> None:
    assert rules({}, {"tests/conftest.py": text}) == set()


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("iniconfig.py", "shadowed-tool"),
        ("pluggy/__init__.py", "shadowed-tool"),
        ("src/json.py", "shadowed-tool"),
        ("_pytest.cpython-311-x86_64-linux-gnu.so", "shadowed-tool"),
        ("typing.pyi", "shadowed-tool"),
        ("sitecustomize.py", "shadowed-tool"),
        ("x-1.dist-info/entry_points.txt", "brought-plugin"),
        ("src/x.egg-info/entry_points.txt", "brought-plugin"),
    ],
)
def test_a_file_that_the_tools_would_load_is_a_finding(path: str, rule: str) -> None:
    assert rules({}, {path: "x"}) == {(rule, "error")}


def test_a_task_may_ask_for_a_module_of_a_standard_name_but_not_of_a_tool_s() -> None:
    assert rules({}, {"queue.py": "x"}, title="Write `queue.py`") == {("shadowed-tool", "warning")}
    assert rules({}, {"pluggy.py": "x"}, title="Write `pluggy.py`") == {("shadowed-tool", "error")}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("def test_add(:\n", id="no Python"),
        pytest.param("\0", id="null bytes"),
        pytest.param("x = " + "(" * 5000, id="brackets"),
        pytest.param("x = " + "-" * 50_000 + "1\n", id="signs"),
        pytest.param("x = " + "1+" * 20_000 + "1\n", id="a long sum"),
        pytest.param("if a:\n  pass\n" + "elif a:\n  pass\n" * 1500, id="many branches"),
        pytest.param("x" + ".y" * 20_000 + " = 1\n", id="a long chain"),
        pytest.param("def test_add(): 'x\udce9'\n", id="half a character"),
        pytest.param("pytest_a = 1\n" * 300, id="many hooks"),
    ],
)
def test_a_hostile_source_is_read_and_never_a_crash(text: str) -> None:
    files = {"tests/test_calc.py": text, "conftest.py": text, "calc.py": text, ".gitignore": text}
    findings(BASE, files)
    findings(files, BASE)
    findings(files, {path: f"{content}#" for path, content in files.items()})
