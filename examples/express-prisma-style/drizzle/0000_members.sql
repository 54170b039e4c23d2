CREATE TABLE `members` (
	`id` text PRIMARY KEY NOT NULL,
	`username` text NOT NULL,
	`email` text NOT NULL,
	`password_hash` text NOT NULL,
	`plan` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
-- Her password is "debugging since 1947".
INSERT INTO `members` VALUES ('42', 'grace', 'grace@mail.example', '$2b$10$pBd49LquH3AamLS6nrgZZONxV4mjexOA1.iSLzxa5duWJkZvWKHrO', 'pro', 1558051200000);
