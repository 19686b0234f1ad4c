"""Indexes of check-ins and notices that are written at every look and read by nobody.

PostgreSQL was given a second one, for LIKE, beside each on text: nothing is looked for by its beginning in
these. SQLite has none of them.
"""

import django.db.models.deletion
from django.db import migrations, models

FOR_LIKE = (
    "check_in_id_502b42e1_like",
    "check_in_machine_hash_f5da1a48_like",
    "check_in_token_hash_5284de62_like",
    "notice_about_id_a766db1c_like",
    "notice_check_in_id_52c8dc9b_like",
    "notice_circle_id_4d641368_like",
    "notice_contact_method_id_2be432e8_like",
    "notice_drill_id_442e86bd_like",
    "notice_follow_up_id_77eed6bf_like",
    "notice_id_93fcbbe6_like",
    "notice_person_id_f9005a1d_like",
    "notice_token_hash_b8f222ac_like",
)


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0009_before_and_after"),
    ]

    operations = [
        migrations.AlterField(
            model_name="checkin",
            name="circle",
            # The unique index of circle and key begins with it.
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="check_ins",
                to="store.circle",
            ),
        ),
        *(migrations.RunSQL(f"DROP INDEX IF EXISTS {name}", migrations.RunSQL.noop) for name in FOR_LIKE),
    ]
