"""``sluis``: one command for every process and every job of an operator.

Each command imports what it needs when it runs, so that a gateway process holds nothing of the
others.
"""

import click

from gateway.core.system import logs
from gateway.processes.commands.acceptance import acceptance
from gateway.processes.commands.audit import audit
from gateway.processes.commands.backup import backup
from gateway.processes.commands.boilerplate import boilerplate
from gateway.processes.commands.break_glass import break_glass
from gateway.processes.commands.case_search import cases
from gateway.processes.commands.cases import complaints, incidents
from gateway.processes.commands.catalogue import apply, recover
from gateway.processes.commands.common import hidden_alias
from gateway.processes.commands.data_subjects import erase, subjects
from gateway.processes.commands.deadlines import deadlines
from gateway.processes.commands.holds import holds
from gateway.processes.commands.identity import identity
from gateway.processes.commands.installation import doctor, migrate
from gateway.processes.commands.keys import keys
from gateway.processes.commands.model_evaluations import EVALUATION_COMMANDS
from gateway.processes.commands.models import models
from gateway.processes.commands.notices import notices
from gateway.processes.commands.own import own
from gateway.processes.commands.person_requests import person_requests
from gateway.processes.commands.persons import persons
from gateway.processes.commands.policies import policy
from gateway.processes.commands.proposals import proposals
from gateway.processes.commands.records import GROUPS as RECORD_GROUPS
from gateway.processes.commands.reports import reports
from gateway.processes.commands.restore import restore
from gateway.processes.commands.reviews import reviews
from gateway.processes.commands.secrets import secrets
from gateway.processes.commands.serve import console, control, demo_provider, gateway, up, worker
from gateway.processes.commands.stops import start, stop, stops
from gateway.processes.commands.terms import terms
from gateway.processes.commands.usage import usage
from gateway.processes.evaluate import evaluate
from gateway.processes.setting_values import SettingsError
from gateway.processes.settings import log_settings


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="sluis")
@click.pass_context
def main(context: click.Context) -> None:
    """Sluis: the LLM gateway that decides where text may go, and proves what happened."""
    try:
        level, form = log_settings()
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    logs.configure(context.invoked_subcommand or "sluis", level=level, form=form)


for _command in (
    up,
    gateway,
    control,
    worker,
    console,
    demo_provider,
    apply,
    recover,
    keys,
    persons,
    models,
    policy,
    proposals,
    break_glass,
    stop,
    start,
    stops,
    notices,
    own,
    terms,
    audit,
    reports,
    usage,
    hidden_alias(reports, "report"),
    erase,
    subjects,
    holds,
    identity,
    reviews,
    incidents,
    complaints,
    deadlines,
    person_requests,
    cases,
    evaluate,
    migrate,
    backup,
    restore,
    doctor,
    acceptance,
    secrets,
    *RECORD_GROUPS,
):
    main.add_command(_command)

policy.add_command(boilerplate)
for _command in EVALUATION_COMMANDS:
    models.add_command(_command)
