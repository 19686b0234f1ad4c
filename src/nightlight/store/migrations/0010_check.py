"""What the person changed themself is theirs, and the check-ins whose time runs are found among millions."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0009_before_and_after"),
    ]

    operations = [
        migrations.AddField("person", "moved_at", models.DateTimeField(null=True)),
        migrations.AddField("checkin", "changed_at", models.DateTimeField(null=True)),
        migrations.AddField("checkin", "by_import", models.BooleanField(default=False)),
        migrations.AddField("checkin", "version", models.IntegerField(default=0)),
        migrations.AddIndex(
            "checkin",
            models.Index(
                condition=Q(("window_deadline__isnull", False)),
                fields=["window_deadline"],
                name="check_in_deadline",
            ),
        ),
    ]
