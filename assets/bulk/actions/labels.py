"""What the actions on tags and on collections share."""

from collections.abc import Sequence
from typing import ClassVar
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from assets.bulk.actions.base import ActionContext, BulkAction, record_update
from assets.models import Asset, Collection, Tag
from assets.models.labels import Label


class LabelAction(BulkAction):
    label: ClassVar[type[Tag] | type[Collection]]

    def has_label(self, context: ActionContext) -> list[Exists]:
        """For each name, whether an asset has that label."""
        through, column = self.label.link_table()
        if context.collection:
            return [Exists(through.objects.filter(asset=OuterRef("pk"), **{column: context.collection.pk}))]
        known = self.label.objects.find_all(context.names, context.user)
        keys = {self.label.make_key(name) for name in context.names}
        pks = [known[key].pk if key in known else None for key in sorted(keys)]
        return [Exists(through.objects.filter(asset=OuterRef("pk"), **{column: pk})) for pk in pks]

    def existing_links(self, labels: Sequence[Label], pks: list[UUID]) -> set[tuple[UUID, UUID]]:
        """Which of the assets have which of the labels."""
        through, column = self.label.link_table()
        rows = through.objects.filter(asset__in=pks, **{f"{column}__in": labels})
        return set(rows.values_list("asset_id", column))


class AddLabels(LabelAction):
    def is_done(self, context: ActionContext) -> Q:
        # Before a name is given, every asset can be changed.
        return Q(*self.has_label(context)) if context.names else Q(pk=None)

    def apply(self, pks: list[UUID], context: ActionContext) -> None:
        through, column = self.label.link_table()
        labels: Sequence[Label] = [context.collection] if context.collection else self._named(context)
        before = self.existing_links(labels, pks)
        rows = [through(asset_id=pk, **{column: label.pk}) for label in labels for pk in pks]
        through.objects.bulk_create(rows, ignore_conflicts=True)
        Asset.objects.filter(pk__in=pks).reindex()
        added = {pk: ", ".join(str(label) for label in labels if (pk, label.pk) not in before) for pk in pks}
        record_update(pks, context, self.label.ASSET_FIELD, lambda pk: ("", added[pk]))

    def _named(self, context: ActionContext) -> Sequence[Label]:
        return self.label.objects.get_or_create_all(context.names, context.user)


class RemoveLabels(LabelAction):
    def is_done(self, context: ActionContext) -> Q:
        return Q(*(~has_it for has_it in self.has_label(context))) if context.names else Q(pk=None)

    def apply(self, pks: list[UUID], context: ActionContext) -> None:
        through, column = self.label.link_table()
        named = self.label.objects.find_all(context.names, context.user).values()
        labels: Sequence[Label] = [context.collection] if context.collection else list(named)
        before = self.existing_links(labels, pks)
        through.objects.filter(asset__in=pks, **{f"{column}__in": labels}).delete()
        Asset.objects.filter(pk__in=pks).reindex()
        removed = {pk: ", ".join(str(label) for label in labels if (pk, label.pk) in before) for pk in pks}
        record_update(pks, context, self.label.ASSET_FIELD, lambda pk: (removed[pk], ""))
