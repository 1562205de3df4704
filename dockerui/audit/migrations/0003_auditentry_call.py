"""What the rows of one action have in common."""

from django.db import migrations, models

from dockerui.audit import triggers


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]
    operations = [
        migrations.RunPython(triggers.drop, triggers.create),
        migrations.AddField("auditentry", "call", models.CharField(max_length=32, default="", db_index=True)),
        migrations.RunPython(triggers.create, triggers.drop),
    ]
