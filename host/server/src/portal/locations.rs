//! Locations, and what can be said of an entity or an address before anything is registered.

use host_api::{
    AnalyzeLocation, ApiError, ApiResult, EntityViolation, ExistingEntityFile, GeneratedEntity, Location,
    LocationAnalysis, LocationInput, LocationPage, LocationQuery, LocationResult, LocationTarget, PageInfo, RawEntity,
    RegisterMode, ValidateEntity,
};
use host_catalog::LocationsRequest;
use host_model::{EntityRef, Principal, Severity};
use host_policy::Action;

use super::catalog::change_error;
use super::{LocalPortal, may};

impl LocalPortal {
    pub(super) async fn list_locations(&self) -> ApiResult<Vec<Location>> {
        let found = self.features.catalog.locations().await.map_err(change_error)?;
        Ok(found.into_iter().map(location).collect())
    }

    pub(super) async fn page_of_locations(&self, query: LocationQuery) -> ApiResult<LocationPage> {
        let request = LocationsRequest { predicate: query.predicate, limit: query.limit, cursor: query.cursor };
        let page = self.features.catalog.query_locations(request).await.map_err(change_error)?;
        Ok(LocationPage {
            items: page.items.into_iter().map(location).collect(),
            total_items: page.total as u64,
            page_info: PageInfo { next_cursor: page.next, prev_cursor: None },
        })
    }

    pub(super) async fn one_location(&self, id: &str) -> ApiResult<Location> {
        self.features.catalog.location(id).await.map(location).map_err(change_error)
    }

    pub(super) async fn location_of_entity(&self, entity: &EntityRef) -> ApiResult<Location> {
        self.features.catalog.location_of(entity).await.map(location).map_err(change_error)
    }

    pub(super) async fn register_location(
        &self,
        principal: &Principal,
        input: LocationInput,
        mode: RegisterMode,
    ) -> ApiResult<LocationResult> {
        may(principal, Action::RegisterLocation, &input.target)?;
        let optional = is_optional(&input)?;
        if mode == RegisterMode::DryRun {
            return self.try_location(principal, input, optional).await;
        }
        let catalog = &self.features.catalog;
        let registration = catalog
            .add_location(principal, &input.location_type, &input.target, optional)
            .await
            .map_err(change_error)?;
        let mut found = registration.entities;
        if registration.existed {
            let host_catalog::Location { location_type, target, entity_ref, .. } = &registration.location;
            let rejects = match mode {
                RegisterMode::AsConfigured => !catalog.refreshes_known_locations(),
                mode => mode == RegisterMode::Reject,
            };
            if rejects {
                return Err(ApiError::conflict(format!("Location {location_type}:{target} already exists")));
            }
            // One that has brought nothing yet has no entity, and has just been tried again anyway.
            if let Ok(entity) = entity_ref.parse::<EntityRef>()
                && catalog.get(&entity).is_some()
            {
                catalog.refresh(principal, &entity).await.map_err(change_error)?;
                found = catalog.entities_of(&registration.location);
            }
        }
        let entities = found.iter().filter_map(|entity| catalog.get(entity)).map(RawEntity);
        Ok(LocationResult { entities: entities.collect(), location: location(registration.location), exists: None })
    }

    async fn try_location(
        &self,
        principal: &Principal,
        input: LocationInput,
        optional: bool,
    ) -> ApiResult<LocationResult> {
        let (location_type, target) = (input.location_type, input.target.trim().to_owned());
        let preview = self.features.catalog.preview(principal, &location_type, &target).await.map_err(change_error)?;
        let wrong: Vec<String> = preview
            .findings
            .iter()
            .filter(|finding| finding.diagnostic.severity == Severity::Error)
            .map(|finding| finding.diagnostic.to_string())
            .collect();
        if !wrong.is_empty() && !optional {
            return Err(ApiError::input(wrong.join(", ")));
        }
        let id = format!("{location_type}:{target}");
        let entity_ref = host_catalog::location_entity_ref(&location_type, &target);
        Ok(LocationResult {
            location: Location { id, location_type, target, entity_ref },
            entities: preview.entities.into_iter().map(RawEntity).collect(),
            exists: Some(preview.existed),
        })
    }

    pub(super) async fn redirect_location(
        &self,
        principal: &Principal,
        id: &str,
        input: LocationInput,
    ) -> ApiResult<Location> {
        let optional = is_optional(&input)?;
        let catalog = &self.features.catalog;
        let updated = catalog.update_location(principal, id, &input.location_type, &input.target, optional).await;
        updated.map(location).map_err(change_error)
    }

    pub(super) async fn look_at_location(
        &self,
        principal: &Principal,
        input: AnalyzeLocation,
    ) -> ApiResult<LocationAnalysis> {
        let catalog = &self.features.catalog;
        let found =
            catalog.analyze(principal, &input.target, input.file_name.as_deref()).await.map_err(change_error)?;
        let existing = found.existing.into_iter().map(|described| ExistingEntityFile {
            entity: RawEntity(described.entity),
            is_registered: described.is_registered,
            location: LocationTarget { location_type: described.location_type, target: described.target },
        });
        let suggested = found.suggested.into_iter().map(|entity| GeneratedEntity { entity, fields: Vec::new() });
        Ok(LocationAnalysis { existing_entity_files: existing.collect(), generate_entities: suggested.collect() })
    }

    pub(super) fn judge_entity(&self, input: &ValidateEntity) -> Vec<EntityViolation> {
        let found = self.features.catalog.validate_entity(&input.entity, &input.location);
        let violation = |violation: host_catalog::Violation| EntityViolation {
            name: "InputError".to_owned(),
            message: violation.message,
            code: violation.code.to_owned(),
            pointer: violation.pointer,
            hint: violation.hint,
        };
        found.into_iter().map(violation).collect()
    }
}

fn is_optional(input: &LocationInput) -> ApiResult<bool> {
    match input.presence.as_deref() {
        None | Some("required") => Ok(false),
        Some("optional") => Ok(true),
        Some(other) => Err(ApiError::input(format!("presence is {other:?}; expected required or optional"))),
    }
}

fn location(location: host_catalog::Location) -> Location {
    Location {
        id: location.id,
        location_type: location.location_type,
        target: location.target,
        entity_ref: location.entity_ref,
    }
}
