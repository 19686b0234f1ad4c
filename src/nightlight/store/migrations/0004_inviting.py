"""A kind word that comes with an answer, and how often an address was tried that cannot be used."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0003_the_circle")]

    operations = [
        migrations.AddField(
            model_name="invitation",
            name="reply_sealed",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.AddField(
            model_name="invitation",
            name="wrong_addresses",
            field=models.SmallIntegerField(default=0),
        ),
    ]
