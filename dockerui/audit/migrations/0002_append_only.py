"""The database itself refuses to change or delete audit rows, whoever asks."""

from django.db import migrations

from dockerui.audit import triggers


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(triggers.create, triggers.drop)]
