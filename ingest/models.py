"""The rows: fields and constraints, no behaviour. `store` writes them, `dashboard.queries` reads them.

Ages are seconds since process start on the boot's own clock. Events are the truth; phases, checks,
sockets and tallies are derived from them and can be made anew.
"""

from enum import StrEnum

from django.db import models
from django.db.models import F, Q

from ingest.domain.words import BootState, Cause, Certainty, Outcome

NAME = 200  # characters, of services, environments, releases, instances, phases
WORD = 32  # characters, of a member of a closed vocabulary


def _words(vocabulary: type[StrEnum]) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in vocabulary]


class Service(models.Model):
    """What OpenTelemetry calls `service.name`."""

    name = models.CharField(max_length=NAME, unique=True)

    def __str__(self) -> str:
        """Return the service's name."""
        return self.name


class Environment(models.Model):
    """One service in one environment: what keys, contracts and live pages are scoped to."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="environments")
    name = models.CharField(max_length=NAME)
    mark = models.BigIntegerField(default=0)  # Grows with every result recorded here: the pages' high mark.
    revision = models.BigIntegerField(default=0)  # Grows with every event stored that names no boot.
    correlated_revision = models.BigIntegerField(default=0)
    due_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        """A service has each environment once."""

        constraints = (models.UniqueConstraint(fields=("service", "name"), name="environment_once"),)

    def __str__(self) -> str:
        """Return service and environment."""
        return f"{self.service} / {self.name}"


class Release(models.Model):
    """What OpenTelemetry calls `service.version`."""

    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="releases")
    name = models.CharField(max_length=NAME)
    first_seen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """An environment has each release once."""

        constraints = (models.UniqueConstraint(fields=("environment", "name"), name="release_once"),)

    def __str__(self) -> str:
        """Return the release's name."""
        return self.name


class Instance(models.Model):
    """What OpenTelemetry calls `service.instance.id`; it may have several boots."""

    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="instances")
    name = models.CharField(max_length=NAME)

    class Meta:
        """An environment has each instance once."""

        constraints = (models.UniqueConstraint(fields=("environment", "name"), name="instance_once"),)

    def __str__(self) -> str:
        """Return the instance's name."""
        return self.name


class Contract(models.Model):
    """A declared contract: immutable, and versioned within its service and environment."""

    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="contracts")
    version = models.PositiveIntegerField()
    body = models.TextField()  # Canonical JSON of `domain.contract.Declared`.
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """The same content is the same version."""

        constraints = (
            models.UniqueConstraint(fields=("environment", "digest"), name="contract_once"),
            models.UniqueConstraint(fields=("environment", "version"), name="contract_version_once"),
        )

    def __str__(self) -> str:
        """Return the contract's version."""
        return f"{self.environment} v{self.version}"


class Key(models.Model):
    """An API key; only a digest of its secret is kept."""

    class Scope(models.TextChoices):
        """What a key may do."""

        WRITE = "write"
        READ = "read"

    digest = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=16)  # The part that people may see.
    scope = models.CharField(max_length=8, choices=Scope.choices)
    service = models.CharField(max_length=NAME, blank=True)  # Empty: any.
    environment = models.CharField(max_length=NAME, blank=True)  # Empty: any.
    label = models.CharField(max_length=NAME, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Return what people may see of the key."""
        return f"{self.prefix}… ({self.scope})"


class Batch(models.Model):
    """The answer given to an `Idempotency-Key`, kept for 24 h to be given again."""

    key = models.ForeignKey(Key, on_delete=models.CASCADE)
    idempotency_key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)  # Of the body that the answer belongs to.
    answer = models.TextField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        """A key answers each idempotency key once."""

        constraints = (models.UniqueConstraint(fields=("key", "idempotency_key"), name="batch_once"),)

    def __str__(self) -> str:
        """Return the idempotency key."""
        return self.idempotency_key


class Boot(models.Model):
    """One process life, as reported and as understood."""

    ident = models.CharField(max_length=128, unique=True)  # The reporter's boot id.
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="boots")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="boots")
    instance = models.ForeignKey(Instance, on_delete=models.PROTECT, related_name="boots")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, null=True, related_name="boots")
    parent = models.CharField(max_length=128, blank=True)
    region = models.CharField(max_length=NAME, blank=True)
    pid = models.BigIntegerField(null=True)
    started_at = models.DateTimeField()
    facts_order = models.CharField(
        max_length=100
    )  # Sorts batches by `sent_age`; the greatest states the facts.

    last_age = models.FloatField(null=True)  # The greatest age reported.
    served_age = models.FloatField(null=True)  # The least age at which the service saw a socket or request.
    promised = models.BooleanField(default=False)  # Whether an `alive` was reported.
    clock_offset = models.FloatField(null=True)  # s; the least of receipt minus `sent_at`.
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    revision = models.BigIntegerField(default=0)
    correlated_revision = models.BigIntegerField(default=0)
    due_at = models.DateTimeField(null=True, db_index=True)  # When somebody must look at it again.

    state = models.CharField(max_length=WORD, choices=_words(BootState), default=BootState.STARTING)
    observed = models.BooleanField(default=True)
    listening_age = models.FloatField(null=True)
    ready_age = models.FloatField(null=True)
    claimed_ready_age = models.FloatField(null=True)
    draining_age = models.FloatField(null=True)
    ended_age = models.FloatField(null=True)
    exit_code = models.BigIntegerField(null=True)
    exit_signal = models.IntegerField(null=True)
    exit_by = models.CharField(max_length=NAME, blank=True)
    exposed_from = models.FloatField(null=True)
    exposed_to = models.FloatField(null=True)
    timeline_digest = models.CharField(max_length=64, blank=True)  # Of all that attribution rests on.
    mark = models.BigIntegerField(default=0)  # The environment's mark when it was last recorded.

    class Meta:
        """Boots are listed newest first, within a release and over all."""

        indexes = (
            models.Index(fields=("release", "started_at"), name="boot_of_release"),
            models.Index(fields=("environment", "started_at"), name="boot_of_environment"),
            models.Index(fields=("instance", "started_at"), name="boot_of_instance"),
            models.Index(fields=("started_at", "id"), name="boot_newest"),
            models.Index(fields=("environment", "mark"), name="boot_marked"),
        )

    def __str__(self) -> str:
        """Return the reporter's boot id."""
        return self.ident


class Event(models.Model):
    """One reported event: append-only, the truth that everything else is derived from."""

    boot = models.ForeignKey(Boot, on_delete=models.PROTECT, null=True, related_name="events", db_index=False)
    environment = models.ForeignKey(
        Environment, on_delete=models.PROTECT, related_name="events", db_index=False
    )
    role = models.CharField(max_length=WORD)
    reporter = models.CharField(max_length=NAME)
    seq = models.BigIntegerField(null=True)
    ident = models.CharField(max_length=NAME, null=True)  # noqa: DJ001 - null where `seq` is the identity
    kind = models.CharField(max_length=64)
    age = models.FloatField(null=True)
    at = models.DateTimeField(null=True)
    instance = models.CharField(max_length=NAME, blank=True)  # As named by a batch without a boot.
    revision = models.BigIntegerField()  # The revision of its boot, or environment, that it came with.
    body = models.TextField()  # Canonical JSON.
    received_at = models.DateTimeField()

    class Meta:
        """An identity is stored once; a boot's are read by kind and revision."""

        constraints = (
            models.UniqueConstraint(fields=("boot", "role", "reporter", "seq"), name="event_once"),
            models.UniqueConstraint(
                fields=("environment", "reporter", "ident"),
                condition=Q(boot__isnull=True),
                name="event_without_boot_once",
            ),
            models.CheckConstraint(
                condition=Q(boot__isnull=False, seq__isnull=False)
                | Q(boot__isnull=True, ident__isnull=False),
                name="event_has_identity",
            ),
        )
        indexes = (
            models.Index(
                fields=("boot", "kind", "revision"), condition=Q(boot__isnull=False), name="event_by_kind"
            ),
            models.Index(
                fields=("environment", "revision"),
                condition=Q(boot__isnull=True),
                name="event_without_boot",
            ),
        )

    def __str__(self) -> str:
        """Return the kind and identity."""
        return f"{self.kind} {self.role}:{self.seq if self.seq is not None else self.ident}"


class Phase(models.Model):
    """One run of a phase in a boot."""

    boot = models.ForeignKey(Boot, on_delete=models.CASCADE, related_name="phases", db_index=False)
    name = models.CharField(max_length=NAME)
    run = models.PositiveIntegerField()  # Counts the runs of the same name from 0.
    order = models.PositiveIntegerField()
    parent = models.CharField(max_length=NAME, blank=True)
    status = models.CharField(max_length=WORD)
    kind = models.CharField(max_length=WORD)
    required = models.BooleanField()
    started_age = models.FloatField(null=True)
    ended_age = models.FloatField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        """A boot has each run once."""

        constraints = (models.UniqueConstraint(fields=("boot", "name", "run"), name="phase_once"),)

    def __str__(self) -> str:
        """Return name and status."""
        return f"{self.name} {self.status}"


class Check(models.Model):
    """One finished check: what it waited beside what it may wait, in seconds."""

    boot = models.ForeignKey(Boot, on_delete=models.CASCADE, related_name="checks", db_index=False)
    ref = models.CharField(max_length=300)  # The event that it rests on.
    name = models.CharField(max_length=NAME)
    ok = models.BooleanField()
    waited = models.FloatField(null=True)
    budget = models.FloatField(null=True)
    age = models.FloatField()
    phase = models.CharField(max_length=NAME, blank=True)

    class Meta:
        """An event is one check."""

        constraints = (models.UniqueConstraint(fields=("boot", "ref"), name="check_once"),)

    def __str__(self) -> str:
        """Return name and result."""
        return f"{self.name} {'ok' if self.ok else 'not ok'}"


class Socket(models.Model):
    """One WebSocket attempt, as merged from all who saw it, and why it failed."""

    boot = models.ForeignKey(
        Boot, on_delete=models.CASCADE, null=True, related_name="sockets", db_index=False
    )
    environment = models.ForeignKey(
        Environment, on_delete=models.PROTECT, related_name="sockets", db_index=False
    )
    key = models.CharField(max_length=500)  # Its id, or the identity of its only event.
    socket = models.CharField(max_length=NAME, blank=True)
    opened_at = models.DateTimeField()  # By the boot's wall clock: for lists, never for inference.
    opened_age = models.FloatField(null=True)
    accepted_age = models.FloatField(null=True)
    ended_age = models.FloatField(null=True)
    outcome = models.CharField(max_length=WORD, choices=_words(Outcome))
    code = models.IntegerField(null=True)
    code_seen_by = models.JSONField(default=dict)
    status = models.IntegerField(null=True)
    origin = models.CharField(max_length=WORD, blank=True)
    reason = models.TextField(blank=True)
    path = models.CharField(max_length=2000, blank=True)
    client = models.CharField(max_length=NAME, blank=True)
    reporters = models.JSONField(default=list)
    stands_for = models.PositiveIntegerField(default=1)
    events = models.JSONField(default=list)  # Primary keys of the events that it is merged from.
    cause = models.CharField(max_length=WORD, blank=True, choices=_words(Cause))
    expected = models.BooleanField(default=False)
    certainty = models.CharField(max_length=WORD, blank=True, choices=_words(Certainty))
    before_gate = models.BooleanField(null=True)
    margin = models.FloatField(null=True)
    phases = models.JSONField(default=list)
    evidence = models.JSONField(default=list)
    borrowed = models.BooleanField(default=False)  # Whether no reporter named its boot, and it was inferred.
    settled = models.BooleanField(default=False)  # Whether only a change of its boot's facts can change it.

    class Meta:
        """A boot has each socket once, and so has an environment each socket without a boot."""

        constraints = (
            models.UniqueConstraint(fields=("boot", "key"), name="socket_once"),
            models.UniqueConstraint(
                fields=("environment", "key"), condition=Q(boot__isnull=True), name="socket_without_boot_once"
            ),
        )
        indexes = (
            models.Index(fields=("environment", "opened_at"), name="socket_of_environment"),
            models.Index(fields=("opened_at", "id"), name="socket_newest"),
            models.Index(fields=("cause", "opened_at"), condition=~Q(cause=""), name="socket_by_cause"),
            models.Index(fields=("boot",), condition=Q(settled=False), name="socket_unsettled"),
            models.Index(fields=("environment", "socket"), condition=~Q(socket=""), name="socket_by_id"),
        )

    def __str__(self) -> str:
        """Return the key and cause."""
        return f"{self.key} {self.cause or self.outcome}"


class Tally(models.Model):
    """Openings or expected ends counted over a window of ages."""

    boot = models.ForeignKey(Boot, on_delete=models.CASCADE, related_name="tallies", db_index=False)
    ref = models.CharField(max_length=300)
    kind = models.CharField(max_length=WORD)
    from_age = models.FloatField()
    to_age = models.FloatField()
    code = models.IntegerField(null=True)
    origin = models.CharField(max_length=WORD, blank=True)
    count = models.BigIntegerField()
    clients = models.BigIntegerField(null=True)

    class Meta:
        """An event is one tally; a window does not end before it begins."""

        constraints = (
            models.UniqueConstraint(fields=("boot", "ref"), name="tally_once"),
            models.CheckConstraint(condition=Q(to_age__gte=F("from_age")), name="tally_window"),
        )

    def __str__(self) -> str:
        """Return the kind and count."""
        return f"{self.kind} {self.count}"
