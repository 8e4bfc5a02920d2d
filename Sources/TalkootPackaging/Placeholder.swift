enum PlaceholderTalkootPackaging {}
