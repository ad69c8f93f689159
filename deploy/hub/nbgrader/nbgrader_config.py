"""nbgrader on the hub: where teacher and learners exchange assignments."""

import os

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "tlbook"
c.Exchange.root = os.environ.get("TLBOOK_EXCHANGE", "/srv/tlbook/exchange")
