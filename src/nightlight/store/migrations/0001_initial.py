import datetime
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.SlugField(max_length=64, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=100)),
                ("time_zone", models.CharField(max_length=64)),
                ("language", models.CharField(max_length=16)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "db_table": "person",
            },
        ),
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("process", models.CharField(max_length=100)),
                ("round_ms", models.IntegerField(default=0)),
            ],
            options={
                "db_table": "heartbeat",
            },
        ),
        migrations.CreateModel(
            name="HostLink",
            fields=[
                ("token_hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "host_link",
            },
        ),
        migrations.CreateModel(
            name="HostSession",
            fields=[
                ("token_hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "host_session",
            },
        ),
        migrations.CreateModel(
            name="LadderStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("wait", models.DurationField(default=datetime.timedelta(seconds=300))),
                ("fair", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "ladder_step",
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("scopes", models.JSONField(default=list)),
                ("created_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("last_used_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "api_token",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at__isnull", True)),
                        fields=("name",),
                        name="api_token_name_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Circle",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="circle",
                        serialize=False,
                        to="store.person",
                    ),
                ),
                ("know_each_other", models.BooleanField(default=False)),
                ("end", models.CharField(default="caller", max_length=32)),
                ("repeat_after", models.DurationField(default=datetime.timedelta(seconds=600))),
                ("acknowledgement_expires", models.DurationField(default=datetime.timedelta(seconds=600))),
                ("reach_sealed", models.TextField(blank=True, default="")),
                ("tell_caller", models.BooleanField(default=True)),
                ("imported_at", models.DateTimeField(null=True)),
                ("import_noticed_at", models.DateTimeField(null=True)),
                ("import_undone_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "circle",
            },
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("status", models.CharField(max_length=16)),
                ("need", models.CharField(max_length=16)),
                ("version", models.IntegerField(default=0)),
                ("raised_at", models.DateTimeField()),
                ("resolved_at", models.DateTimeField(null=True)),
                ("timer_kind", models.CharField(max_length=32, null=True)),
                ("timer_due", models.DateTimeField(null=True)),
                ("timer_generation", models.IntegerField(default=0)),
                ("timer_length", models.DurationField(null=True)),
                ("state", models.JSONField(default=dict)),
                ("poisoned_at", models.DateTimeField(null=True)),
                ("poison_tries", models.IntegerField(default=0)),
                ("poison_next_at", models.DateTimeField(null=True)),
                ("poison_why", models.CharField(blank=True, default="", max_length=200)),
                ("waits_for_host", models.BooleanField(default=False)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="alerts", to="store.person"
                    ),
                ),
            ],
            options={
                "db_table": "alert",
            },
        ),
        migrations.CreateModel(
            name="ContactMethod",
            fields=[
                ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("channel", models.CharField(max_length=32)),
                ("address_sealed", models.TextField()),
                ("address_hash", models.CharField(db_index=True, max_length=72)),
                ("after", models.DurationField(default=datetime.timedelta(0))),
                ("position", models.PositiveIntegerField()),
                ("proven_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_why", models.CharField(blank=True, default="", max_length=32)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="ways", to="store.person"
                    ),
                ),
            ],
            options={
                "db_table": "contact_method",
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="EventRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.IntegerField()),
                ("at", models.DateTimeField()),
                ("kind", models.CharField(max_length=40)),
                ("body", models.JSONField()),
                ("facts", models.JSONField()),
                (
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="events", to="store.alert"
                    ),
                ),
            ],
            options={
                "db_table": "event",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Host",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("name", models.CharField(blank=True, default="", max_length=100)),
                ("country", models.CharField(blank=True, default="", max_length=2)),
                ("emergency_number", models.CharField(blank=True, default="", max_length=32)),
                ("ways_sealed", models.TextField(blank=True, default="")),
                ("lines", models.JSONField(default=list)),
            ],
            options={
                "db_table": "host",
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="host_is_one")],
            },
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key_hash", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(db_index=True)),
                (
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="store.alert"
                    ),
                ),
                (
                    "token",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="store.apitoken"
                    ),
                ),
            ],
            options={
                "db_table": "idempotency_key",
            },
        ),
        migrations.CreateModel(
            name="KeptReply",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text_sealed", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="kept_replies",
                        to="store.alert",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="store.person"
                    ),
                ),
            ],
            options={
                "db_table": "kept_reply",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="LadderPlace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="store.person"
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="places",
                        to="store.ladderstep",
                    ),
                ),
            ],
            options={
                "db_table": "ladder_place",
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("host_way", models.IntegerField(null=True)),
                ("channel", models.CharField(max_length=32)),
                ("purpose", models.CharField(max_length=16)),
                ("news", models.CharField(blank=True, default="", max_length=32)),
                ("message", models.IntegerField()),
                ("hold", models.IntegerField(default=0)),
                ("rung", models.IntegerField(default=0)),
                ("position", models.IntegerField(default=0)),
                ("first", models.BooleanField(default=False)),
                ("again", models.BooleanField(default=False)),
                ("wished", models.BooleanField(default=False)),
                ("status", models.CharField(default="planned", max_length=16)),
                ("due", models.DateTimeField(null=True)),
                ("priority", models.SmallIntegerField(default=0)),
                ("lease_token", models.CharField(blank=True, default="", max_length=64)),
                ("lease_until", models.DateTimeField(null=True)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("evidence", models.CharField(blank=True, default="", max_length=16)),
                ("failed_before", models.BooleanField(default=False)),
                ("token_hash", models.CharField(max_length=64, null=True, unique=True)),
                ("token_sealed", models.TextField(blank=True, default="")),
                ("code_hash", models.CharField(blank=True, db_index=True, default="", max_length=72)),
                ("code_sealed", models.TextField(blank=True, default="")),
                ("address_hash", models.CharField(blank=True, db_index=True, default="", max_length=72)),
                ("created_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("settled_at", models.DateTimeField(null=True)),
                ("why", models.CharField(blank=True, default="", max_length=64)),
                (
                    "about",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.person",
                    ),
                ),
                (
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to="store.alert",
                    ),
                ),
                (
                    "contact_method",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notifications",
                        to="store.contactmethod",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="merged",
                        to="store.notification",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notifications",
                        to="store.person",
                    ),
                ),
            ],
            options={
                "db_table": "notification",
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("number", models.IntegerField()),
                ("lease_token", models.CharField(max_length=64)),
                ("provider", models.CharField(max_length=64)),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, default="", max_length=16)),
                ("reason", models.CharField(blank=True, default="", max_length=200)),
                (
                    "provider_reference",
                    models.CharField(blank=True, db_index=True, default="", max_length=200),
                ),
                (
                    "notification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attempts",
                        to="store.notification",
                    ),
                ),
            ],
            options={
                "db_table": "attempt",
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="PersonLink",
            fields=[
                ("token_hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField()),
                ("replaced_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="links", to="store.person"
                    ),
                ),
            ],
            options={
                "db_table": "person_link",
            },
        ),
        migrations.CreateModel(
            name="ReplyTry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("address_hash", models.CharField(max_length=72)),
                ("count", models.IntegerField(default=0)),
                (
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="store.alert"
                    ),
                ),
            ],
            options={
                "db_table": "reply_try",
            },
        ),
        migrations.CreateModel(
            name="TimelineEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("what", models.CharField(max_length=32)),
                ("who", models.CharField(blank=True, default="", max_length=64)),
                ("channel", models.CharField(blank=True, default="", max_length=32)),
                ("detail", models.CharField(blank=True, default="", max_length=500)),
                (
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="timeline", to="store.alert"
                    ),
                ),
            ],
            options={
                "db_table": "timeline_entry",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="WaitingEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("kind", models.CharField(max_length=40)),
                ("body", models.JSONField()),
                (
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="waiting_events",
                        to="store.alert",
                    ),
                ),
            ],
            options={
                "db_table": "waiting_event",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="NeverContact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("address_hash", models.CharField(blank=True, db_index=True, default="", max_length=72)),
                ("address_sealed", models.TextField(blank=True, default="")),
                ("by_import", models.BooleanField(default=False)),
                ("added_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.person",
                    ),
                ),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="never_contact",
                        to="store.circle",
                    ),
                ),
            ],
            options={
                "db_table": "never_contact",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0)),
                ("agreed_on", models.DateField(null=True)),
                ("agreed_until", models.DateField(null=True)),
                ("offers", models.JSONField(default=list)),
                ("wake_me", models.BooleanField(default=False)),
                ("hours_from", models.TimeField(null=True)),
                ("hours_until", models.TimeField(null=True)),
                ("paused_until", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_why", models.CharField(blank=True, default="", max_length=32)),
                ("last_asked_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="store.person",
                    ),
                ),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="store.circle",
                    ),
                ),
            ],
            options={
                "db_table": "membership",
                "ordering": ["position"],
            },
        ),
        migrations.AddField(
            model_name="ladderstep",
            name="circle",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="ladder", to="store.circle"
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                condition=models.Q(("status", "resolved"), _negated=True),
                fields=["timer_due"],
                name="alert_timer_due",
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(fields=["raised_at"], name="alert_raised_at"),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "resolved"), _negated=True),
                fields=("person",),
                name="alert_one_open_per_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status", "resolved"),
                    models.Q(("timer_due__isnull", False), ("timer_kind__isnull", False)),
                    ("poisoned_at__isnull", False),
                    ("waits_for_host", True),
                    _connector="OR",
                ),
                name="alert_open_has_a_timer",
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["triggered", "exhausted", "acknowledged", "in_contact", "resolved"])
                ),
                name="alert_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="eventrow",
            constraint=models.UniqueConstraint(fields=("alert", "number"), name="event_number_once"),
        ),
        migrations.AddConstraint(
            model_name="idempotencykey",
            constraint=models.UniqueConstraint(fields=("token", "key_hash"), name="idempotency_key_once"),
        ),
        migrations.AddConstraint(
            model_name="ladderplace",
            constraint=models.UniqueConstraint(fields=("step", "person"), name="ladder_place_once"),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(fields=["status", "due"], name="notification_due"),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("status", "planned")),
                fields=["priority", "due"],
                name="notification_to_claim",
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("status", "leased")),
                fields=["lease_until"],
                name="notification_leased_until",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        [
                            "planned",
                            "leased",
                            "accepted",
                            "queued",
                            "failed",
                            "unknown",
                            "delivered",
                            "cancelled",
                            "skipped",
                        ],
                    )
                ),
                name="notification_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("contact_method__isnull", False),
                        ("host_way__isnull", True),
                        ("person__isnull", False),
                    ),
                    models.Q(
                        ("contact_method__isnull", True),
                        ("host_way__isnull", False),
                        ("person__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="notification_to_a_person_or_the_host",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "leased"), _negated=True),
                    models.Q(("lease_until__isnull", False), models.Q(("lease_token", ""), _negated=True)),
                    _connector="OR",
                ),
                name="notification_leased_has_a_lease",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.UniqueConstraint(
                condition=models.Q(("contact_method__isnull", False)),
                fields=("alert", "purpose", "message", "contact_method"),
                name="notification_once_per_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.UniqueConstraint(
                condition=models.Q(("host_way__isnull", False)),
                fields=("alert", "purpose", "message", "host_way"),
                name="notification_once_per_host_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.UniqueConstraint(fields=("notification", "number"), name="attempt_number_once"),
        ),
        migrations.AddConstraint(
            model_name="replytry",
            constraint=models.UniqueConstraint(fields=("alert", "address_hash"), name="reply_try_once"),
        ),
        migrations.AddIndex(
            model_name="timelineentry",
            index=models.Index(fields=["alert", "id"], name="timeline_of_alert"),
        ),
        migrations.AddConstraint(
            model_name="nevercontact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("person__isnull", False), models.Q(("address_hash", ""), _negated=True), _connector="OR"
                ),
                name="never_contact_names_someone",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(fields=("circle", "person"), name="membership_once"),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("hours_from__isnull", True), ("hours_until__isnull", True)),
                    models.Q(("hours_from__isnull", False), ("hours_until__isnull", False)),
                    _connector="OR",
                ),
                name="membership_hours_both_or_neither",
            ),
        ),
        migrations.AddConstraint(
            model_name="ladderstep",
            constraint=models.UniqueConstraint(fields=("circle", "position"), name="ladder_step_position"),
        ),
    ]
