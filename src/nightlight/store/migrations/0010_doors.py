"""The one switch is a person's, whether or not they have a circle of their own."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0009_before_and_after")]

    operations = [
        migrations.RemoveConstraint(model_name="quiet", name="quiet_one_at_a_time"),
        migrations.RenameField(model_name="quiet", old_name="circle", new_name="person"),
        migrations.AlterField(
            model_name="quiet",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="quiets", to="store.person"
            ),
        ),
        migrations.AddConstraint(
            model_name="quiet",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("person",), name="quiet_one_at_a_time"
            ),
        ),
    ]
