"""Whatever arrives becomes one engine event about one alert, or a change to the people it is about."""
