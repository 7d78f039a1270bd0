/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libpurple's file transfers. */
#include "es-plugin.h"

void
es_transfers_cancel (EsLink *link)
{
  g_autoptr (GList) all = g_list_copy (purple_xfers_get_all ());

  /* Those of a connection that is gone are libpurple's to end. */
  if (es_link_connection (link) == NULL)
    return;
  for (GList *item = all; item != NULL; item = item->next)
    {
      PurpleXfer *xfer = item->data;
      g_autoptr (EsAddress) who = es_border_address (link->account, purple_xfer_get_remote_user (xfer));

      if (purple_xfer_get_account (xfer) == link->account && !purple_xfer_is_completed (xfer)
          && !purple_xfer_is_canceled (xfer) && who != NULL && es_manager_has_file (link->manager, who))
        purple_xfer_cancel_local (xfer);
    }
}
