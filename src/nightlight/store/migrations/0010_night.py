from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0009_before_and_after")]

    operations = [
        migrations.AddField(model_name="alert", name="arranged", field=models.IntegerField(default=0)),
        migrations.AddField(model_name="talk", name="member_reminded_on", field=models.DateField(null=True)),
        migrations.AddField(model_name="talk", name="looks_at", field=models.DateTimeField(null=True)),
        migrations.AddIndex(
            model_name="talk",
            index=models.Index(
                condition=models.Q(("looks_at__isnull", False)), fields=["looks_at"], name="talk_looks_at"
            ),
        ),
    ]
