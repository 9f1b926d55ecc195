"""What a job of GitHub Actions gives and takes: events, commands in comments, environment files, workflow commands."""
