/** What workflows said to a user: kept until the notification centre has shown it, on whichever desktop. */
import * as z from 'zod';
import { Tone } from '../capabilities/notifications.ts';
import { LIMITS } from '../limits.ts';
import { Id } from '../schema.ts';

export const UnseenNotice = z.object({
  id: Id,
  module_id: z.string(),
  title: z.string().max(LIMITS.notification_title_chars_max),
  message: z.string().max(LIMITS.notification_message_chars_max),
  tone: Tone,
  created_at: z.iso.datetime(),
});
export type UnseenNotice = z.infer<typeof UnseenNotice>;

/** The newest first. */
export const UnseenNotices = z.object({ notices: z.array(UnseenNotice) });
export type UnseenNotices = z.infer<typeof UnseenNotices>;

export const SeenNotices = z.strictObject({ ids: z.array(Id).max(LIMITS.notifications_unseen_max) });
