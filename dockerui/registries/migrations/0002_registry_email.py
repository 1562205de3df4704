from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registries", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="registry",
            name="email",
            field=models.CharField(blank=True, default="", max_length=254),
            preserve_default=False,
        ),
    ]
