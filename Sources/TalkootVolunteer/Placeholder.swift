enum PlaceholderTalkootVolunteer {}
