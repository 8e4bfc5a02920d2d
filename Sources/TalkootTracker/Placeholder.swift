enum PlaceholderTalkootTracker {}
