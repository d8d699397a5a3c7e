"""What puts the app elsewhere (image, compose file, workflow, container for development) keeps in step with the project."""

import ast
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.specifiers import SpecifierSet
from sqlalchemy import make_url

import digit_core
from digit_core import settings
from digit_core.settings import PROJECT_FOLDER
from hatch_build import APP
from scripts import try_image

PYTHONS = SpecifierSet(
    tomllib.loads((PROJECT_FOLDER / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "requires-python"
    ]
)
IMAGE = try_image.instructions()
STEPS = dict(IMAGE)
PORT = "8501"


def read_yaml(name: str) -> Any:
    return yaml.safe_load((PROJECT_FOLDER / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return read_yaml("compose.yaml")


def variables() -> set[str]:
    """The names that `settings` reads from the environment."""
    tree = ast.parse(Path(settings.__file__).read_text(encoding="utf-8"))
    words = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {word for word in words if re.fullmatch(r"DIGIT_[A-Z_]+", word)}


def default_of(text: str) -> str:
    """What compose puts in the place of ${NAME:-default}; "secret" for what has to be chosen."""
    return re.sub(r"\$\{\w+:(-|\?)([^}]*)\}", lambda found: found[2] if found[1] == "-" else "secret", text)


def test_the_guide_for_hosts_has_every_setting() -> None:
    guide = (PROJECT_FOLDER / "docs" / "hosts.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(DIGIT_[A-Z_]+)` \|", guide, re.MULTILINE)) == variables()


# The image


def test_the_image_has_a_python_that_the_project_allows() -> None:
    (version,) = re.findall(r"^python:([\d.]+)-slim$", STEPS["FROM"])
    assert version in PYTHONS


def test_the_image_installs_what_is_tested_before_the_code_comes() -> None:
    names = [name for name, _ in IMAGE]
    assert any(name == "COPY" and rest == "requirements.txt ." for name, rest in IMAGE)
    (installing,) = (number for number, (name, rest) in enumerate(IMAGE) if name == "RUN" and "pip" in rest)
    assert "requirements.txt" in IMAGE[installing][1]
    assert installing < max(number for number, name in enumerate(names) if name == "COPY")


def test_the_image_has_what_the_wheel_has() -> None:
    assert set(try_image.let_through()) == {*APP, "digit_core", "requirements.txt", "LICENSE"}
    assert all((PROJECT_FOLDER / name).exists() for name in try_image.let_through())


def test_the_image_has_no_secrets_and_nothing_that_was_kept_here() -> None:
    lines = (PROJECT_FOLDER / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert next(line for line in lines if not line.startswith("#")) == "*"
    assert not {".streamlit", "var"} & set(try_image.let_through())


def test_the_image_serves_as_a_user_who_may_write_its_volume_alone() -> None:
    assert STEPS["USER"] == "1000"
    assert STEPS["VOLUME"] == f"{STEPS['WORKDIR']}/{settings.VAR_FOLDER.relative_to(PROJECT_FOLDER)}"
    owned = [rest for name, rest in IMAGE if name == "RUN" and "chown" in rest]
    assert owned == ["mkdir var && chown 1000 var"]


def test_the_image_serves_and_is_asked_at_one_port() -> None:
    served = try_image.command(STEPS["CMD"])
    assert (STEPS["EXPOSE"], f"--server.port={PORT}" in served) == (PORT, True)
    (asked,) = re.findall(r"urlopen\('([^']+)'", try_image.command(STEPS["HEALTHCHECK"])[2])
    assert asked == f"http://127.0.0.1:{PORT}/lab/health"
    routes = ast.parse((PROJECT_FOLDER / "Home.py").read_text(encoding="utf-8"))
    assert "/lab/health" in {node.value for node in ast.walk(routes) if isinstance(node, ast.Constant)}


# Compose


def test_compose_says_only_what_the_settings_read(compose: dict[str, Any]) -> None:
    said = compose["services"]["app"]["environment"]
    assert set(said) <= variables()
    # Numbers that compose gives are those of the settings.
    assert int(default_of(said["DIGIT_RUN_SLOTS"])) == settings.whole_number("DIGIT_RUN_SLOTS", 1, 100, {})


def test_compose_leads_to_its_own_database(compose: dict[str, Any]) -> None:
    app, database = compose["services"]["app"], compose["services"]["database"]
    address = make_url(default_of(app["environment"]["DIGIT_DATABASE_URL"]))
    given = {name: default_of(value) for name, value in database["environment"].items()}
    assert address.get_backend_name() == "postgresql"
    assert (address.host, address.port) == ("database", 5432)
    assert (address.username, address.password, address.database) == (
        given["POSTGRES_USER"],
        given["POSTGRES_PASSWORD"],
        given["POSTGRES_DB"],
    )
    assert app["depends_on"]["database"]["condition"] == "service_healthy"
    assert database["healthcheck"]["test"][1] == "pg_isready"


def test_composes_port_and_volume_are_the_images(compose: dict[str, Any]) -> None:
    app = compose["services"]["app"]
    assert app["ports"] == [f"{PORT}:{STEPS['EXPOSE']}"]
    assert app["volumes"] == [f"var:{STEPS['VOLUME']}"]
    named = {volume.partition(":")[0] for one in compose["services"].values() for volume in one["volumes"]}
    assert named == set(compose["volumes"])


# Fork and go


def test_the_workflow_calls_ci_with_every_python_that_the_project_allows() -> None:
    workflow = read_yaml(".github/workflows/ci.yaml")
    (job,) = workflow["jobs"].values()
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    minors = [f"3.{minor}" for minor in range(8, 20) if f"3.{minor}" in PYTHONS]
    assert job["strategy"]["matrix"]["python"] == minors
    assert (PROJECT_FOLDER / ".ci" / "run").exists()


def test_the_container_for_development_sets_up_what_make_knows() -> None:
    container = json.loads(
        (PROJECT_FOLDER / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8")
    )
    assert container["image"].rpartition(":")[2] in PYTHONS
    makefile = (PROJECT_FOLDER / "Makefile").read_text(encoding="utf-8")
    for name in ("postCreateCommand", "postAttachCommand"):
        target = container[name].removeprefix("make ")
        assert re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE)
    assert container["forwardPorts"] == [int(PORT)]


def test_whoever_cites_it_cites_this_version() -> None:
    citation = read_yaml("CITATION.cff")
    assert citation["version"] == digit_core.__version__
    assert citation["license"] == ["MIT", "CC-BY-SA-3.0"]
