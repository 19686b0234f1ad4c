"""The link of a note after a call, and whether somebody was asked to lend their name to notes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0009_before_and_after")]

    operations = [
        migrations.AddField(
            model_name="followup",
            name="token_hash",
            field=models.CharField(max_length=64, null=True, unique=True),
        ),
        migrations.AddField(
            model_name="afterhelping",
            name="notes_answered_at",
            field=models.DateTimeField(null=True),
        ),
    ]
