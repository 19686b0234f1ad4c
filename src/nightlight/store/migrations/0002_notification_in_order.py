from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0001_initial"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="notification",
            name="notification_to_claim",
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                fields=["status", "channel", "priority", "due", "position"], name="notification_in_order"
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(fields=["alert", "status"], name="notification_of_alert"),
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(fields=["lease_token"], name="attempt_lease_token"),
        ),
    ]
