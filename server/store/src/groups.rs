//! Groups of employees.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    QueryOrder,
};
use uuid::Uuid;

use crate::{
    Store, StoreError,
    entity::{group, group_member},
};

/// A group and its members, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRow {
    /// The group.
    pub group: group::Model,
    /// Users.
    pub members: Vec<Uuid>,
}

impl Store {
    /// All of them, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn groups(&self) -> Result<Vec<GroupRow>, StoreError> {
        let groups = group::Entity::find()
            .order_by_asc(group::Column::Name)
            .all(&self.readers)
            .await?;
        let members = group_member::Entity::find()
            .order_by_asc(group_member::Column::Position)
            .all(&self.readers)
            .await?;
        let of = |id: Uuid| {
            let own = members.iter().filter(|member| member.group_id == id);
            own.map(|member| member.user_id).collect()
        };
        let rows = groups.into_iter().map(|group| GroupRow {
            members: of(group.id),
            group,
        });
        Ok(rows.collect())
    }

    /// A new one, or a changed one.
    ///
    /// # Errors
    /// [`StoreError::Taken`] names `groups.name`; [`StoreError::Dangling`]: a member is nobody.
    pub async fn put_group(&self, row: &GroupRow, is_new: bool) -> Result<(), StoreError> {
        let change = self.begin().await?;
        let values = group::ActiveModel::from(row.group.clone()).reset_all();
        if is_new {
            group::Entity::insert(values)
                .exec_without_returning(&change)
                .await?;
        } else {
            group::Entity::update_many()
                .set(values)
                .filter(group::Column::Id.eq(row.group.id))
                .exec(&change)
                .await?;
            group_member::Entity::delete_many()
                .filter(group_member::Column::GroupId.eq(row.group.id))
                .exec(&change)
                .await?;
        }
        for (user, position) in row.members.iter().zip(0..) {
            join(&change, row.group.id, *user, position).await?;
        }
        Ok(change.commit().await?)
    }

    /// Deletes one; `false` when it is gone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_group(&self, id: Uuid) -> Result<bool, StoreError> {
        let gone = group::Entity::delete_by_id(id).exec(&self.writer).await?;
        Ok(gone.rows_affected > 0)
    }

    /// These are the groups of a user from now on; where he joins he stands last.
    ///
    /// # Errors
    /// [`StoreError::Dangling`]: there is no such group.
    pub async fn set_groups_of(&self, user: Uuid, groups: &[Uuid]) -> Result<(), StoreError> {
        let change = self.begin().await?;
        let own = group_member::Entity::find().filter(group_member::Column::UserId.eq(user));
        let now: Vec<Uuid> = own
            .all(&change)
            .await?
            .into_iter()
            .map(|member| member.group_id)
            .collect();
        group_member::Entity::delete_many()
            .filter(group_member::Column::UserId.eq(user))
            .filter(group_member::Column::GroupId.is_not_in(groups.to_vec()))
            .exec(&change)
            .await?;
        for id in groups.iter().filter(|id| !now.contains(id)) {
            join(&change, *id, user, i32::MAX).await?;
        }
        Ok(change.commit().await?)
    }
}

async fn join(
    change: &DatabaseTransaction,
    group_id: Uuid,
    user_id: Uuid,
    position: i32,
) -> Result<(), StoreError> {
    let row = group_member::ActiveModel {
        group_id: Set(group_id),
        user_id: Set(user_id),
        position: Set(position),
    };
    group_member::Entity::insert(row)
        .exec_without_returning(change)
        .await?;
    Ok(())
}
