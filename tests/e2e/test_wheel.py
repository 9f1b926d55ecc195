"""What people install has everything in it that runs need, and nothing else."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_wheel_has_templates_example_and_pins(tmp_path):
    subprocess.run(
        (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)),
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = (
        "py.typed",
        "templates/brief.md.j2",
        "templates/workflows/devteam.yml",
        "example/repository/.devteam.yml",
        "example/repository/gitignore",
        "example/patches/1.1.2-2.patch",
        "example/broken/1.1.1.patch",
        "tools/aider/requirements.txt",
        "tools/aider/launcher.py",
    )
    assert {f"devteam_action/{name}" for name in wanted} <= names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"devteam_action"}
