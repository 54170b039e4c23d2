CREATE TABLE `profiles` (
	`member_id` text PRIMARY KEY NOT NULL,
	`plan` text DEFAULT 'free' NOT NULL,
	FOREIGN KEY (`member_id`) REFERENCES `auth_users`(`id`) ON UPDATE no action ON DELETE cascade
);
